"""An SQS queue as the house wants it: encrypted, TLS only, kept as long as SQS can."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue

from infra.platform_stack import PlatformStack
from lakehouse.environments import names

TWO_WEEKS = 14 * 24 * 3600


def queue(
    stack: PlatformStack, name: str, key: Any, *, statements: Mapping[str, Mapping[str, Any]] | None = None
) -> Any:
    """`statements` by sid let AWS services send; this account's roles need none."""
    env = stack.env
    physical = names.queue(env, name.replace("_", "-"))
    arn = f"arn:aws:sqs:{env.region}:{env.account}:{physical}"
    tls = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "sqs:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    all_of = {"OnlyTls": tls, **(statements or {})}
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Sid": sid, "Resource": arn, **statement} for sid, statement in all_of.items()],
    }
    return SqsQueue(
        stack, f"queue_{name}", name=physical, kms_master_key_id=key.arn, kms_data_key_reuse_period_seconds=300,
        message_retention_seconds=TWO_WEEKS, policy=json.dumps(policy),
    )  # fmt: skip
