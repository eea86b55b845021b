"""The role of a part of the platform itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy

from infra.platform_stack import PlatformStack
from lakehouse.environments import names

Statements = Mapping[str, Mapping[str, Any]]


def service_role(
    stack: PlatformStack, name: str, service: str | list[str], statements: Statements, condition: dict[str, Any] | None = None, *, says_account: bool = True
) -> Any:  # fmt: skip
    """An IamRole that `service` takes on for this account alone, with its one policy. `statements`: by sid, Effect is Allow.

    `condition`: a narrower one on who takes it on. `says_account`: False for a service that is not documented to say for whom it asks;
    there, only who may pass the role decides.
    """
    account: dict[str, Any] = (
        {"StringEquals": {"aws:SourceAccount": stack.env.account}} if says_account else {}
    )
    only = {**account, **(condition or {})}
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        **({"Condition": only} if only else {}),
    }
    role = IamRole(
        stack,
        f"role_{name}",
        name=names.service_role(stack.env, name),
        assume_role_policy=_document({"Service": trust}),
    )
    if statements:
        IamRolePolicy(stack, f"role_policy_{name}", name=name, role=role.id, policy=_document(statements))
    return role


def _document(statements: Statements) -> str:
    stated = [{"Sid": sid, "Effect": "Allow", **body} for sid, body in statements.items()]
    return json.dumps({"Version": "2012-10-17", "Statement": stated})
