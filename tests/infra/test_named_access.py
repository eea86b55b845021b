"""Whoever is not named reads no raw row, whatever IAM allows."""

from __future__ import annotations

import json
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pytest

from infra.facts import read_facts
from infra.parts.storage.named_access import only_jobs_write
from lakehouse.environments import load_environment, names
from lakehouse.environments.names import Zone

ENV = load_environment("prod")
RAW = ("landing", "bronze", "quarantine", "checkpoints")
ROLE = f"arn:aws:iam::{ENV.account}:role"


def _kept_out(policy: str, principal: str, sid: str = "OnlyNamed") -> bool:
    """Whether a denial of the policy holds for a role of the account."""
    (statement,) = [s for s in json.loads(policy)["Statement"] if s["Sid"] == sid]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"]["Bool"] == {"aws:PrincipalIsAWSService": "false"}
    named = statement["Condition"]["StringNotLike"]["aws:PrincipalArn"]
    return not any(fnmatchcase(principal, pattern) for pattern in named)


@pytest.mark.parametrize("zone", RAW)
@pytest.mark.parametrize(
    ("role", "zones"),
    [
        ("Admin", ()),
        ("lakehouse-deployer", ()),
        ("lakehouse-dev-job-setup_databases", ()),
        ("lakehouse-prod-analyst", ()),
        ("lakehouse-prod-svc-mwaa", ()),
        ("lakehouse-prod-job-bronze_to_silver", RAW),
        ("lakehouse-prod-svc-replication", RAW),
        ("lakehouse-prod-svc-data_access", ("bronze",)),
        ("lakehouse-prod-operators", ("quarantine",)),
    ],
)
def test_a_raw_zone_takes_named_roles_alone(
    synthesized: Any, zone: str, role: str, zones: tuple[str, ...]
) -> None:
    resources = synthesized("prod")["resource"]
    policy = resources["aws_s3_bucket_policy"][f"policy_{zone}"]["policy"]
    assert _kept_out(policy, f"{ROLE}/{role}") is (zone not in zones)
    (statement,) = [s for s in json.loads(policy)["Statement"] if s["Sid"] == "OnlyNamed"]
    assert statement["Resource"] == f"arn:aws:s3:::{names.bucket(ENV, Zone(zone))}/*"
    assert {"s3:GetObject*", "s3:PutObject*", "s3:DeleteObject"} == set(statement["Action"])


def test_the_key_of_raw_zones_opens_for_named_roles_alone(synthesized: Any) -> None:
    keys = synthesized("prod")["resource"]["aws_kms_key"]
    for role, out in {
        "Admin": True,
        "lakehouse-prod-job-x": False,
        "lakehouse-prod-svc-sla_notifier": True,
    }.items():
        assert _kept_out(keys["key_raw"]["policy"], f"{ROLE}/{role}") is out
    assert _kept_out(keys["key_raw_replica"]["policy"], f"{ROLE}/lakehouse-prod-job-x")
    assert not _kept_out(keys["key_raw_replica"]["policy"], f"{ROLE}/lakehouse-prod-svc-replication")
    assert "OnlyNamed" not in keys["key_curated"]["policy"]


def test_copies_of_raw_zones_are_written_by_replication_alone(synthesized: Any) -> None:
    policies = synthesized("prod")["resource"]["aws_s3_bucket_policy"]
    for zone in ("landing", "bronze"):
        policy = policies[f"policy_{zone}_replica"]["policy"]
        assert _kept_out(policy, f"{ROLE}/lakehouse-prod-job-bronze_to_silver")
        assert not _kept_out(policy, f"{ROLE}/lakehouse-prod-svc-replication")


def test_the_audit_is_written_by_jobs_and_a_restore_alone(synthesized: Any) -> None:
    policies = synthesized("prod")["resource"]["aws_dynamodb_resource_policy"]
    (policy,) = [body["policy"] for body in policies.values()]
    roles = {"Admin": True, "lakehouse-prod-operators": True, "lakehouse-prod-job-x": False}
    roles["lakehouse-prod-svc-restore"] = False
    for role, out in roles.items():
        assert _kept_out(policy, f"{ROLE}/{role}", "OnlyJobsWrite") is out


def test_who_erases_a_person_may_write_what_they_have_done() -> None:
    facts = read_facts("prod")
    stack = facts.env.stack.model_copy(update={"raw_access": ["eraser"]})
    named = replace(facts, env=facts.env.model_copy(update={"stack": stack}))
    for of, out in ((facts, True), (named, False)):
        policy = json.dumps({"Statement": [{"Sid": "Audit", **only_jobs_write(of, "arn")["OnlyJobsWrite"]}]})
        assert _kept_out(policy, f"{ROLE}/eraser", "Audit") is out
