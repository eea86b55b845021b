"""A KMS key with the platform's defaults: rotated yearly, and used only as the account's policies allow."""

from __future__ import annotations

from typing import Any

from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey

from infra.constructs.policy import policy_document
from infra.platform_stack import PlatformStack


def key(
    stack: PlatformStack,
    name: str,
    purpose: str,
    *,
    services: dict[str, Any] | None = None,
    replica: bool = False,
) -> KmsKey:
    """The KmsKey and its alias.

    `services` are further statements, by sid, for AWS services that use the key themselves. `replica` makes
    the key in the second region.
    """
    env = stack.env
    provider = {"provider": stack.replica} if replica else {}
    suffix = f"{name}_replica" if replica else name
    account = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{env.account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    resource = KmsKey(
        stack,
        f"key_{suffix}",
        description=f"{env.project} {env.name}: {purpose}",
        enable_key_rotation=True,
        deletion_window_in_days=30 if env.stack.protect else 7,
        policy=policy_document({"AccountByItsOwnPolicies": account, **(services or {})}),
        lifecycle=stack.keep,
        **provider,
    )
    KmsAlias(
        stack,
        f"key_alias_{suffix}",
        name=f"alias/{env.project}-{env.name}-{name}",
        target_key_id=resource.key_id,
        **provider,
    )
    return resource
