"""Who may run jobs calls the function `start_run`, and has no other way to start code in the account."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakehouse.environments import names
from lambdas.common.settings import read_settings
from lambdas.start_run.settings import StartSettings
from local_aws.iam.decision import Principal, decide
from local_aws.iam.policy import Identity, Request, parsed
from tests.infra.lake_formation import ENV, PEOPLE, STATED

_HERE = f"{ENV.region}:{ENV.account}"
START = f"arn:aws:lambda:{_HERE}:function:lakehouse-prod-start_run"
NOTIFIER = f"arn:aws:lambda:{_HERE}:function:lakehouse-prod-sla_notifier"
JOB = f"arn:aws:glue:{_HERE}:job/{names.glue_job(ENV, 'silver_to_gold')}"
JOB_OF_DEV = f"arn:aws:glue:{_HERE}:job/lakehouse-dev-silver_to_gold"
RUNS = {name for name, role in STATED["roles"].items() if "run" in role["may"]}


@pytest.fixture(scope="module")
def prod(synthesized: Any) -> dict[str, Any]:
    resources: dict[str, Any] = synthesized("prod")["resource"]
    return resources


def allows(policy: str, action: str, resource: str) -> bool:
    """The decision of the embedded IAM about a role with this one policy."""
    role = f"arn:aws:iam::{ENV.account}:role/r"
    identity = Identity(ENV.account, role, f"arn:aws:sts::{ENV.account}:assumed-role/r/anna")
    principal = Principal(identity, (parsed("policy", policy),), {})
    return decide(principal, Request(action, resource, {}), None).allowed


@pytest.mark.parametrize("role", PEOPLE)
def test_who_may_run_starts_runs_by_the_function_alone(prod: dict[str, Any], role: str) -> None:
    policy = prod["aws_iam_role_policy"][f"role_policy_person_{role}"]["policy"]
    assert allows(policy, "lambda:InvokeFunction", START) is (role in RUNS)
    assert not allows(policy, "lambda:InvokeFunction", NOTIFIER)
    assert not allows(policy, "glue:StartJobRun", JOB)
    for change in ("lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:AddPermission"):
        assert not allows(policy, change, START)


def test_the_function_starts_jobs_of_its_environment_and_changes_none(prod: dict[str, Any]) -> None:
    policy = prod["aws_iam_role_policy"]["permissions_start_run"]["policy"]
    assert allows(policy, "glue:StartJobRun", JOB)
    assert not allows(policy, "glue:StartJobRun", JOB_OF_DEV)
    for action in ("glue:UpdateJob", "glue:CreateJob", "iam:PassRole", "s3:PutObject"):
        assert not allows(policy, action, JOB)
    statements = json.loads(policy)["Statement"]
    assert [s["Sid"] for s in statements if s["Resource"] == "*"] == ["AnyTrace"]


def test_nothing_but_people_may_call_the_function(prod: dict[str, Any]) -> None:
    permissions = prod["aws_lambda_permission"].values()
    assert not [p for p in permissions if "function_start_run" in p["function_name"]]


def test_the_function_reads_its_settings(prod: dict[str, Any]) -> None:
    function = prod["aws_lambda_function"]["function_start_run"]
    settings = read_settings(StartSettings, function["environment"]["variables"])
    assert settings.function_name == function["function_name"] == "lakehouse-prod-start_run"
    assert settings.account == ENV.account
