"""The IAM roles that people assume. Lake Formation decides which data a role sees."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.athena_workgroup import AthenaWorkgroup
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy

from infra.constructs.workgroup import WorkgroupSpec, workgroup
from infra.parts.encryption.keys import Keys
from infra.parts.governance.people_permissions import permissions
from infra.parts.governance.people_queries import Statements
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.access.model import Role
from lakehouse.environments import names
from lakehouse.environments.names import Zone


@dataclass(frozen=True)
class People:
    """Roles and workgroups by the role's name in grants.yml. Only roles that may query have a workgroup."""

    roles: Mapping[str, IamRole]
    workgroups: Mapping[str, AthenaWorkgroup]


def people(stack: PlatformStack, keys: Keys, storage: Storage) -> People:
    """A role for each role of grants.yml, and a workgroup for each that may query."""
    declared = stack.facts.policy.roles
    workgroups = {
        name: _workgroup(stack, keys, storage, name) for name, role in declared.items() if "query" in role.may
    }
    return People({name: _role(stack, keys, name, role) for name, role in declared.items()}, workgroups)


def _workgroup(stack: PlatformStack, keys: Keys, storage: Storage, role: str) -> AthenaWorkgroup:
    """A workgroup with a folder of its own, so that no role reads data from the results of another."""
    spec = WorkgroupSpec(
        construct_id=f"workgroup_{role}",
        name=names.role_workgroup(stack.env, role),
        purpose=f"Queries of the role {role}",
        results=names.role_results(role),
        key=keys.platform,
        after=storage.zones[Zone.ATHENA].policy,
    )
    return workgroup(stack, spec)


def _role(stack: PlatformStack, keys: Keys, name: str, role: Role) -> IamRole:
    iam_role = IamRole(
        stack,
        f"role_person_{name}",
        name=names.person_role(stack.env, name),
        description=role.description,
        assume_role_policy=_document({"PeopleOfTheseGroups": _trust(stack, role)}),
    )
    policy = _document(permissions(stack.env, keys, name, role))
    IamRolePolicy(stack, f"role_policy_person_{name}", name="person", role=iam_role.id, policy=policy)
    return iam_role


def _trust(stack: PlatformStack, role: Role) -> dict[str, Any]:
    """Lets members of the role's groups assume it, by the company's identity provider."""
    provider = f"arn:aws:iam::{stack.env.account}:saml-provider/{stack.env.stack.identity_provider}"
    return {
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {
            "StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"},
            "ForAnyValue:StringEquals": {"saml:edupersonaffiliation": list(role.groups)},
        },
    }


def _document(statements: Statements) -> str:
    body = [{"Sid": sid, "Effect": "Allow", **statement} for sid, statement in statements.items()]
    return json.dumps({"Version": "2012-10-17", "Statement": body})
