"""An SQS queue with the platform's defaults: encrypted, TLS only, messages kept as long as SQS can."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue

from infra.constructs.policy import Statements, policy_document, tls_only
from infra.platform_stack import PlatformStack
from lakehouse.environments import names

TWO_WEEKS = 14 * 24 * 3600


def queue(stack: PlatformStack, name: str, key: KmsKey, *, statements: Statements | None = None) -> SqsQueue:
    """The SqsQueue. `statements`, by sid, let AWS services send to it; roles of this account need none."""
    env = stack.env
    physical_name = names.queue(env, name.replace("_", "-"))
    arn = f"arn:aws:sqs:{env.region}:{env.account}:{physical_name}"
    return SqsQueue(
        stack,
        f"queue_{name}",
        name=physical_name,
        kms_master_key_id=key.arn,
        kms_data_key_reuse_period_seconds=300,
        message_retention_seconds=TWO_WEEKS,
        policy=policy_document({"OnlyTls": tls_only("sqs"), **(statements or {})}, Resource=arn),
    )
