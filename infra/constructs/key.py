"""A KMS key with the house's defaults."""

from __future__ import annotations

import json
from typing import Any

from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey

from infra.platform_stack import PlatformStack


def key(
    stack: PlatformStack,
    name: str,
    purpose: str,
    *,
    services: dict[str, Any] | None = None,
    replica: bool = False,
) -> Any:
    """A key that rotates every year and answers to IAM policies of this account alone.

    `services`: further statements by sid, for AWS services that use the key themselves. `replica`: in the second region.
    """
    env = stack.env
    provider = {"provider": stack.replica} if replica else {}
    place = f"{name}_replica" if replica else name
    made = KmsKey(
        stack, f"key_{place}", description=f"{env.project} {env.name}: {purpose}", enable_key_rotation=True,
        deletion_window_in_days=30 if env.stack.protect else 7, policy=json.dumps(_policy(env.account, services or {})),
        lifecycle=stack.keep, **provider,
    )  # fmt: skip
    KmsAlias(
        stack,
        f"key_alias_{place}",
        name=f"alias/{env.project}-{env.name}-{name}",
        target_key_id=made.key_id,
        **provider,
    )
    return made


def _policy(account: str, services: dict[str, Any]) -> dict[str, Any]:
    own = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    statements = {"AccountByItsOwnPolicies": own, **services}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": sid, **statement} for sid, statement in statements.items()],
    }
