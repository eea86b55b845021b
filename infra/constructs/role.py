"""The role that an AWS service assumes for a part of the platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy

from infra.constructs.policy import Statements, policy_document
from infra.platform_stack import PlatformStack
from lakehouse.environments import names

__all__ = ["ServiceRole", "Statements", "service_role"]


@dataclass(frozen=True)
class ServiceRole:
    """The role, and its policy: whatever uses the role must be made after `policies`."""

    role: IamRole
    policies: tuple[IamRolePolicy, ...]

    @property
    def arn(self) -> str:
        arn: str = self.role.arn
        return arn


def service_role(
    stack: PlatformStack,
    name: str,
    service: str | list[str],
    statements: Statements,
    condition: dict[str, Any] | None = None,
    *,
    says_account: bool = True,
) -> ServiceRole:
    """The role that `service` assumes for this account alone, with one policy.

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
    if not statements:
        return ServiceRole(role, ())
    document = policy_document(statements, Effect="Allow")
    policy = IamRolePolicy(stack, f"role_policy_{name}", name=name, role=role.id, policy=document)
    return ServiceRole(role, (policy,))
