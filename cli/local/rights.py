"""What the roles of a local world have used of their rights, and what IAM has refused them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glue_jobs.aws import clients
from lakehouse.environments import Environment
from local_aws.iam.patterns import many
from local_aws.iam.record import Entry, entries, record_file
from local_aws.iam.usage import unused


@dataclass(frozen=True)
class UsedRights:
    """`granted` counts the actions that the role's statements allow. `unused`: `policy/sid` → actions."""

    role: str
    granted: int
    unused: dict[str, list[str]]
    refused: list[str]

    @property
    def used(self) -> int:
        """So many of the granted actions were used."""
        return self.granted - sum(map(len, self.unused.values()))


def used_rights(env: Environment, workdir: Path) -> list[UsedRights]:
    """Every role that has called AWS since the world is up, by its name."""
    noted = list(entries(record_file(workdir / "data")))
    iam = clients(env).client("iam")
    return [_of_role(iam, arn, noted) for arn in sorted({entry.role for entry in noted})]


def _of_role(iam: Any, arn: str, noted: list[Entry]) -> UsedRights:
    name = arn.rpartition("/")[2]
    try:
        policies = {**dict(_inline(iam, name)), **dict(_attached(iam, name))}
    except iam.exceptions.NoSuchEntityException:  # it called, and was deleted
        policies = {}
    allowing = [
        statement
        for document in policies.values()
        for statement in many(document["Statement"])
        if statement["Effect"] == "Allow"
    ]
    refused = sorted({entry.message for entry in noted if entry.role == arn and entry.message})
    granted = sum(len(many(statement.get("Action", []))) for statement in allowing)
    return UsedRights(name, granted, unused(arn, policies, noted), refused)


def _inline(iam: Any, role: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for page in iam.get_paginator("list_role_policies").paginate(RoleName=role):
        for name in page["PolicyNames"]:
            yield name, iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]


def _attached(iam: Any, role: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=role):
        for policy in page["AttachedPolicies"]:
            version = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
            answer = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)
            yield policy["PolicyName"], answer["PolicyVersion"]["Document"]
