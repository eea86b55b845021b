"""The role that an AWS service assumes for a part of the platform."""

from __future__ import annotations

from typing import Any

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy

from infra.constructs.policy import Statements, policy_document
from infra.platform_stack import PlatformStack
from lakehouse.environments import names

__all__ = ["Statements", "service_role"]


def service_role(
    stack: PlatformStack,
    name: str,
    service: str | list[str],
    statements: Statements,
    condition: dict[str, Any] | None = None,
    *,
    says_account: bool = True,
) -> IamRole:
    """The IamRole that `service` assumes for this account alone, with one policy.

    `statements` are the policy's, by sid; their Effect is Allow. `condition` narrows who may assume it.
    `says_account` is False for a service whose documentation does not promise aws:SourceAccount; there, only
    who may pass the role decides.
    """
    account = {"StringEquals": {"aws:SourceAccount": stack.env.account}} if says_account else {}
    conditions = {**account, **(condition or {})}
    trust: dict[str, Any] = {"Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    if conditions:
        trust["Condition"] = conditions
    role = IamRole(
        stack,
        f"role_{name}",
        name=names.service_role(stack.env, name),
        assume_role_policy=policy_document({"Service": trust}, Effect="Allow"),
    )
    if statements:
        policy = policy_document(statements, Effect="Allow")
        IamRolePolicy(stack, f"role_policy_{name}", name=name, role=role.id, policy=policy)
    return role
