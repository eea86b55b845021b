"""In one apply, whatever uses a role is made after the role's policies, and Airflow after its ways out.

The graph is that of Terraform: what a resource's arguments refer to, and its `depends_on`.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest

from lakehouse.project import Project

NAMES = tuple(Project.find().settings.environments)
_REFERENCE = re.compile(r"\b(aws_\w+|terraform_data)\.(\w+)")
POLICIES = ("aws_iam_role_policy", "aws_iam_role_policy_attachment")
# A grant or a policy only names the role. People take theirs on later.
NAMING = (*POLICIES, "aws_lakeformation_permissions", "aws_s3_bucket_policy", "aws_kms_key")


def _references(text: str) -> set[str]:
    return {f"{kind}.{name}" for kind, name in _REFERENCE.findall(text)}


def graph(resources: dict[str, Any]) -> dict[str, set[str]]:
    """Address → the addresses that Terraform makes before it."""
    bodies = {f"{kind}.{name}": body for kind, of in resources.items() for name, body in of.items()}
    plain = {a: {k: v for k, v in body.items() if k != "//"} for a, body in bodies.items()}
    return {
        address: _references(json.dumps(body)) & set(bodies) - {address} for address, body in plain.items()
    }


def before(edges: dict[str, set[str]]) -> Any:
    """A function: everything that is made before an address."""

    @cache
    def reached(address: str) -> frozenset[str]:
        direct = edges[address]
        return frozenset(direct).union(*(reached(other) for other in direct))

    return reached


def gaps(resources: dict[str, Any]) -> list[str]:
    """`user of a role: a policy of the role that may be made later`."""
    edges = graph(resources)
    reached = before(edges)
    policies: dict[str, set[str]] = {}
    for kind in POLICIES:
        for name in resources[kind]:
            for role in (r for r in edges[f"{kind}.{name}"] if r.startswith("aws_iam_role.")):
                policies.setdefault(role, set()).add(f"{kind}.{name}")
    return [
        f"{address}: {policy}"
        for address, direct in edges.items()
        if not address.startswith(NAMING)
        for role in direct & set(policies)
        for policy in policies[role] - reached(address)
    ]


@pytest.mark.parametrize("env", NAMES)
def test_whoever_uses_a_role_waits_for_its_policies(synthesized: Any, env: str) -> None:
    assert gaps(synthesized(env)["resource"]) == []


@pytest.mark.parametrize("env", NAMES)
def test_airflow_waits_for_its_ways_to_aws(synthesized: Any, env: str) -> None:
    resources = synthesized(env)["resource"]
    reached = before(graph(resources))("aws_mwaa_environment.airflow")
    endpoints = {f"aws_vpc_endpoint.{name}" for name in resources["aws_vpc_endpoint"]}
    rules = {
        f"aws_vpc_security_group_{way}_rule.{name}"
        for way in ("egress", "ingress")
        for name in resources[f"aws_vpc_security_group_{way}_rule"]
        if name.startswith(f"{way}_airflow_") and "_people_" not in name
    }
    assert endpoints
    assert rules
    assert not (endpoints | rules) - reached


def test_the_check_itself_finds_a_gap() -> None:
    role = {"aws_iam_role": {"r": {}}}
    policy = {"aws_iam_role_policy": {"p": {"role": "${aws_iam_role.r.id}"}}, POLICIES[1]: {}}
    user = {"role_arn": "${aws_iam_role.r.arn}"}
    assert gaps({**role, **policy, "aws_glue_job": {"j": user}}) == ["aws_glue_job.j: aws_iam_role_policy.p"]
    waits = {**user, "depends_on": ["aws_iam_role_policy.p"]}
    assert gaps({**role, **policy, "aws_glue_job": {"j": waits}}) == []
