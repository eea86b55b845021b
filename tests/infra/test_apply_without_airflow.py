"""Real Terraform deploys a project without Airflow; its state machines run the deployed jobs to gold."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from deltalake import DeltaTable

from cli.run.deployed import run_deployed
from cli.run.request import JobsRequest
from cli.tables.storage import storage_options
from lakehouse.environments import names
from lakehouse.environments.model import Aws
from lakehouse.project import VARIABLE, Project
from tests.infra.deployed_checks import assert_import_ids_are_those_of_the_state
from tests.infra.deployment import Deployment, deployment, require_terraform
from tests.infra.small_project import small_project

require_terraform()
pytestmark = pytest.mark.slow

DAY = date(2024, 1, 2)
JOBS = ("meters_to_bronze", "daily_usage", "daily_usage_gate")
_SECONDS = 600


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    project = Project(small_project(tmp_path_factory.mktemp("project").resolve()))
    local = project.environments / "local.yml"
    local.write_text(f"{local.read_text().rstrip()}\nstack:\n  orchestrator: none\n", encoding="utf-8")
    if Project.find().build.is_dir():
        shutil.copytree(Project.find().build, project.build)
    with deployment(project, tmp_path_factory.mktemp("account")) as made:
        answer = made.cdktf("deploy")
        assert answer.code == 0, answer.out[-3000:] + answer.err
        yield made


@pytest.fixture(scope="module")
def ended(target: Deployment) -> dict[str, Any]:
    """An execution for a day of sample data, once it has ended."""
    loaded = target.lakehouse("sample", "load", "--from", str(DAY), "--to", str(DAY))
    assert loaded.code == 0, loaded.out + loaded.err
    return _execute(target, "meters")


def _execute(target: Deployment, dag: str) -> dict[str, Any]:
    """The ended execution of a DAG's state machine for the day."""
    states, given = target.client("stepfunctions"), json.dumps({"run_date": DAY.isoformat()})
    arn = states.start_execution(stateMachineArn=_machine(target, dag), input=given)["executionArn"]

    def shown() -> dict[str, Any] | None:
        execution: dict[str, Any] = states.describe_execution(executionArn=arn)
        return execution if execution["status"] != "RUNNING" else None

    result: dict[str, Any] = _until(shown)
    return result


def _until(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(1)
    raise AssertionError("nothing has come")


def _machine(target: Deployment, dag: str) -> str:
    name = names.state_machine(target.env, dag)
    return f"arn:aws:states:{target.env.region}:{target.env.account}:stateMachine:{name}"


def test_a_second_plan_changes_nothing(target: Deployment) -> None:
    plan = target.cdktf("diff")
    assert plan.code == 0, plan.err
    assert re.findall(r"# (\S+) .*(?:will|must) be ", plan.out) == []
    assert "No changes." in plan.out, plan.out[-3000:]


def test_a_resource_of_each_type_is_adopted_by_the_id_that_terraform_knows(target: Deployment) -> None:
    assert_import_ids_are_those_of_the_state(target)


def test_execution_runs_each_job_once_after_those_that_it_waits_for(
    target: Deployment, ended: dict[str, Any]
) -> None:
    assert ended["status"] == "SUCCEEDED", ended
    assert json.loads(ended["output"])["outcomes"] == dict.fromkeys(JOBS, "SUCCEEDED")
    glue, runs = target.client("glue"), []
    for job in JOBS:
        (run,) = glue.get_job_runs(JobName=names.glue_job(target.env, job))["JobRuns"]
        assert run["Arguments"]["--run-date"] == DAY.isoformat()
        runs.append(run)
    for before, after in pairwise(runs):
        assert before["CompletedOn"] <= after["StartedOn"]


def test_gold_is_what_the_readings_add_up_to(target: Deployment, ended: dict[str, Any]) -> None:
    assert ended["status"] == "SUCCEEDED", ended
    s3, bucket = target.client("s3"), names.bucket(target.env, names.Zone.LANDING)
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for stored in s3.list_objects_v2(Bucket=bucket, Prefix="meters/readings/")["Contents"]:
        body = s3.get_object(Bucket=bucket, Key=stored["Key"])["Body"].read().decode()
        for line in body.splitlines():
            reading = json.loads(line)
            expected[reading["meter_id"]] += Decimal(str(reading["kwh"]))
    table = DeltaTable(
        names.table_uri(target.env, "gold.daily_usage"), storage_options=storage_options(target.env)
    )
    rows = table.to_pyarrow_table().to_pylist()
    assert {row["meter_id"]: row["kwh"] for row in rows} == expected
    assert len(expected) == 20


def test_job_of_another_dag_is_found_in_the_audit_by_the_rights_of_the_state_machine(
    target: Deployment, ended: dict[str, Any]
) -> None:
    assert ended["status"] == "SUCCEEDED", ended
    monthly = _execute(target, "monthly")
    assert monthly["status"] == "SUCCEEDED", monthly
    states = target.client("stepfunctions")
    history = states.get_execution_history(executionArn=monthly["executionArn"])["events"]
    looks = [e["taskScheduledEventDetails"] for e in history if e["type"] == "TaskScheduled"]
    assert "aws-sdk:dynamodb" in {look["resourceType"] for look in looks}


def test_person_who_may_run_starts_and_follows_the_state_machine(
    target: Deployment, ended: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the rights of the role alone, in a session that the account's owner opens for its person."""
    assert ended["status"] == "SUCCEEDED", ended
    iam, role = target.client("iam"), names.person_role(target.env, "data_engineer")
    owner = {"AWS": f"arn:aws:iam::{target.env.account}:root"}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": owner}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=document)
    arn = iam.get_role(RoleName=role)["Role"]["Arn"]
    keys = target.client("sts").assume_role(RoleArn=arn, RoleSessionName="anna")["Credentials"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])
    monkeypatch.setenv(VARIABLE, str(target.project.root))
    env = target.env.model_copy(update={"aws": Aws(endpoint=target.env.aws.endpoint)})
    jobs = [job for job in target.facts.jobs if job.name in JOBS]
    outcomes = run_deployed(env, jobs, JobsRequest(DAY, whole=True), quiet=True)
    assert {o.job: (o.status, o.error) for o in outcomes} == dict.fromkeys(JOBS, ("done", ""))
    assert all(outcome.counts for outcome in outcomes)
    assert (
        len(
            target.client("stepfunctions").list_executions(stateMachineArn=_machine(target, "meters"))[
                "executions"
            ]
        )
        == 2
    )


def test_schedule_is_off_until_the_doctor_and_then_starts_its_state_machine(target: Deployment) -> None:
    scheduler, states = target.client("scheduler"), target.client("stepfunctions")
    name, group = names.schedule(target.env, "monthly"), names.schedule_group(target.env)
    shown = scheduler.get_schedule(Name=name, GroupName=group)
    assert shown["State"] == "DISABLED"
    stated = ("FlexibleTimeWindow", "Target", "ScheduleExpressionTimezone", "KmsKeyArn")
    scheduler.update_schedule(
        Name=name,
        GroupName=group,
        State="ENABLED",
        ScheduleExpression="cron(* * * * ? *)",
        **{key: shown[key] for key in stated},
    )

    def started() -> Any:
        running = states.list_executions(stateMachineArn=_machine(target, "monthly"), statusFilter="RUNNING")
        return next((execution["executionArn"] for execution in running["executions"]), None)

    execution = states.describe_execution(executionArn=_until(started))
    scheduler.update_schedule(
        **{key: shown[key] for key in (*stated, "Name", "GroupName", "State", "ScheduleExpression")}
    )
    states.stop_execution(executionArn=execution["executionArn"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00Z", json.loads(execution["input"])["scheduled_time"])
