"""The role of a fused pipeline: the rights of all its jobs, in as many policies as IAM takes."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from infra.facts import Facts, read_facts
from infra.parts.jobs.base_policy import KeyArns
from infra.parts.jobs.job_access import job_policy
from infra.parts.jobs.policy_parts import MAX_ATTACHED, MAX_MANAGED, policy_parts
from tests.infra.job_parts import copied, job_stack

_KEY = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
KEYS = KeyArns(*[_KEY] * 6, subnets=(), group="group")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project, whose retail pipeline is fused."""
    folder = copied(tmp_path_factory.mktemp("fused"))
    (folder / "pipelines/retail/settings.yml").write_text("fuse: true\n")
    return folder


@pytest.fixture(scope="module")
def facts(root: Path) -> Facts:
    return read_facts("prod", root)


def grants(document: dict[str, Any]) -> set[tuple[str, ...]]:
    """(action, resource, listed prefix or other condition) of every statement."""
    granted: set[tuple[str, ...]] = set()
    for statement in document["Statement"]:
        actions, resources = statement["Action"], statement["Resource"]
        condition = statement.get("Condition", {})
        prefixes = condition.get("StringLikeIfExists", {}).get("s3:prefix") or [json.dumps(condition)]
        actions = [actions] if isinstance(actions, str) else actions
        resources = [resources] if isinstance(resources, str) else resources
        granted |= set(product(actions, resources, prefixes))
    return granted


def test_parts_together_grant_exactly_what_the_policy_grants(facts: Facts) -> None:
    (job,) = [job for job in facts.jobs if job.members]
    whole = job_policy(facts, job, KEYS)
    parts = policy_parts(whole)
    assert set.union(*map(grants, parts)) == grants(whole)
    assert len(parts) < MAX_ATTACHED
    for part in parts:
        assert len(json.dumps(part, separators=(",", ":"))) <= MAX_MANAGED
        sids = [statement["Sid"] for statement in part["Statement"]]
        assert len(sids) == len(set(sids))


def test_fused_role_may_what_each_job_may(facts: Facts) -> None:
    (fused,) = [job for job in facts.jobs if job.members]
    together = grants(job_policy(facts, fused, KEYS))
    for job in fused.members:
        files = {grant for grant in grants(job_policy(facts, job, KEYS)) if grant[0].startswith("s3:")}
        assert files <= together, job.name


def test_stack_has_one_more_job_whose_role_shows_the_union_in_the_plan(root: Path) -> None:
    resources = job_stack("prod", root)["resource"]
    job = resources["aws_glue_job"]["job_retail_fused"]
    assert job["default_arguments"]["--job"] == "retail_fused"
    assert job["execution_property"]["max_concurrent_runs"] == 1
    policies = [name for name in resources["aws_iam_policy"] if name.startswith("policy_job_retail_fused_")]
    attached = [
        body["policy_arn"]
        for body in resources["aws_iam_role_policy_attachment"].values()
        if "role_job_retail_fused" in body["role"]
    ]
    assert len(attached) == len(policies) + 1 <= MAX_ATTACHED
    assert "job_snowflake_to_bronze" in resources["aws_glue_job"]
