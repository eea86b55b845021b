"""Without Airflow, schedules of EventBridge start state machines, by roles that may nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.recovery.stop_command import STARTERS
from infra.facts import read_facts
from infra.parts.orchestration.state_machine import definition
from lakehouse.orchestration.event_schedule import event_schedule
from tests.infra.iam import Policies
from tests.infra.synthesis import document, whole_stack
from tests.infra.test_order import gaps

ACCOUNT = "000000000001"
JOB = "arn:aws:glue:eu-central-1:{}:job/lakehouse-{}-silver_to_gold"


@pytest.fixture(scope="module")
def resources(without_airflow: Path) -> dict[str, Any]:
    content: dict[str, Any] = document(whole_stack("dev", without_airflow))["resource"]
    return content


def _policies(resources: dict[str, Any], name: str) -> Policies:
    return Policies((json.loads(resources["aws_iam_role_policy"][f"role_policy_{name}"]["policy"]),))


def test_each_dag_is_a_state_machine_with_its_schedule(
    resources: dict[str, Any], without_airflow: Path
) -> None:
    facts = read_facts("dev", without_airflow)
    schedules, machines = resources["aws_scheduler_schedule"], resources["aws_sfn_state_machine"]
    assert set(schedules) == {f"schedule_{dag.dag_id}" for dag in facts.dags}
    assert set(machines) == {f"state_machine_{dag.dag_id}" for dag in facts.dags}
    for dag in facts.dags:
        schedule, machine = schedules[f"schedule_{dag.dag_id}"], machines[f"state_machine_{dag.dag_id}"]
        assert json.loads(machine["definition"]) == definition(facts.env, dag)
        assert schedule["schedule_expression"] == event_schedule(dag.schedule)
        assert schedule["schedule_expression_timezone"] == "UTC"
        assert schedule["target"]["arn"] == f"${{aws_sfn_state_machine.state_machine_{dag.dag_id}.arn}}"
        assert json.loads(schedule["target"]["input"]) == {"scheduled_time": "<aws.scheduler.scheduled-time>"}
        assert len(schedule["name"]) <= 64


def test_new_schedule_waits_for_the_doctor_and_no_deploy_stops_one_that_runs(
    resources: dict[str, Any],
) -> None:
    for schedule in resources["aws_scheduler_schedule"].values():
        assert schedule["state"] == "DISABLED"
        assert schedule["lifecycle"] == {"ignore_changes": ["state"]}


def test_state_machines_start_watch_and_stop_jobs_of_their_environment_alone(
    resources: dict[str, Any],
) -> None:
    may = _policies(resources, "state_machines").allow
    for action in ("StartJobRun", "GetJobRun", "GetJobRuns", "BatchStopJobRun"):
        assert may(f"glue:{action}", JOB.format(ACCOUNT, "dev"))
        assert not may(f"glue:{action}", JOB.format(ACCOUNT, "prod"))
    for action in ("glue:UpdateJob", "glue:CreateJob", "iam:PassRole", "dynamodb:PutItem", "s3:GetObject"):
        assert not may(action, JOB.format(ACCOUNT, "dev")), action


def test_schedules_start_state_machines_and_no_job(resources: dict[str, Any]) -> None:
    may = _policies(resources, "scheduler").allow
    machine = f"arn:aws:states:eu-central-1:{ACCOUNT}:stateMachine:lakehouse-dev-retail_daily"
    assert may("states:StartExecution", machine)
    assert not may("states:StartExecution", machine.replace("dev", "prod"))
    assert not may("states:StopExecution", machine)
    assert not may("glue:StartJobRun", JOB.format(ACCOUNT, "dev"))


def test_each_role_is_taken_on_by_one_service_of_this_account(resources: dict[str, Any]) -> None:
    for name, service in (("state_machines", "states"), ("scheduler", "scheduler")):
        role = resources["aws_iam_role"][f"role_{name}"]
        (trust,) = json.loads(role["assume_role_policy"])["Statement"]
        assert trust["Principal"] == {"Service": f"{service}.amazonaws.com"}
        assert trust["Condition"]["StringEquals"]["aws:SourceAccount"] == ACCOUNT


def test_what_uses_a_role_is_made_after_its_policies(resources: dict[str, Any]) -> None:
    assert gaps(resources) == []


def test_logs_are_encrypted_and_kept_as_long_as_all_others(resources: dict[str, Any]) -> None:
    group = resources["aws_cloudwatch_log_group"]["log_group_state_machines"]
    assert group["kms_key_id"] == "${aws_kms_key.key_platform.arn}"
    assert (
        group["retention_in_days"]
        == resources["aws_cloudwatch_log_group"]["logs_jobs_error"]["retention_in_days"]
    )
    for machine in resources["aws_sfn_state_machine"].values():
        assert machine["logging_configuration"]["log_destination"].startswith(
            "${aws_cloudwatch_log_group.log_group_state_machines.arn}"
        )
        assert machine["tracing_configuration"] == {"enabled": True}


def test_failed_executions_and_schedules_that_start_none_are_told(resources: dict[str, Any]) -> None:
    alarms = resources["aws_cloudwatch_metric_alarm"]
    topic = ["${aws_sns_topic.topic_alerts.arn}"]
    own = [a for a in alarms.values() if a["namespace"] in ("AWS/States", "AWS/Scheduler")]
    assert all(alarm["alarm_actions"] == topic for alarm in own)
    watched = {a["dimensions"]["StateMachineArn"] for a in own if a["metric_name"] == "ExecutionsFailed"}
    machines = resources["aws_sfn_state_machine"]
    assert watched == {f"${{aws_sfn_state_machine.{name}.arn}}" for name in machines}
    of_schedules = {a["metric_name"]: a for a in own if a["namespace"] == "AWS/Scheduler"}
    assert set(of_schedules) == {"TargetErrorCount", "InvocationDroppedCount", "InvocationAttemptCount"}
    assert of_schedules["InvocationAttemptCount"]["comparison_operator"] == "LessThanThreshold"
    for schedule in resources["aws_scheduler_schedule"].values():
        letters = "${aws_sqs_queue.queue_dead_letters.arn}"
        assert schedule["target"]["dead_letter_config"] == {"arn": letters}


@pytest.mark.parametrize("orchestrator", ["mwaa", "none"])
def test_dr_stop_denies_every_role_of_the_platform_that_starts_jobs(
    resources: dict[str, Any], synthesized: Any, orchestrator: str
) -> None:
    stack = resources if orchestrator == "none" else synthesized("prod")["resource"]
    env = "dev" if orchestrator == "none" else "prod"
    account = ACCOUNT if env == "dev" else "000000000003"
    starting = {
        policy["role"].split(".")[1]
        for policy in stack["aws_iam_role_policy"].values()
        if policy["policy"].startswith("{")
        and Policies((json.loads(policy["policy"]),)).allow("glue:StartJobRun", JOB.format(account, env))
    }
    assert starting == {f"role_{starter}" for starter in STARTERS[orchestrator]}


def test_operators_start_executions_and_switch_schedules_and_lend_no_other_role(
    resources: dict[str, Any],
) -> None:
    may, watches = (_policies(resources, f"person_{role}").allow for role in ("operators", "viewers"))
    states, scheduler = (f"arn:aws:{service}:eu-central-1:{ACCOUNT}" for service in ("states", "scheduler"))
    machine = f"{states}:stateMachine:lakehouse-dev-retail_daily"
    schedule = f"{scheduler}:schedule/lakehouse-dev/lakehouse-dev-retail_daily"
    role = f"arn:aws:iam::{ACCOUNT}:role/lakehouse-dev-svc-"
    assert may("states:StartExecution", machine)
    assert may("states:StopExecution", f"{states}:execution:lakehouse-dev-retail_daily:1")
    assert may("scheduler:UpdateSchedule", schedule)
    assert not may("states:UpdateStateMachine", machine)
    assert not may("glue:StartJobRun", JOB.format(ACCOUNT, "dev"))
    assert not may("iam:PassRole", f"{role}state_machines")
    assert watches("scheduler:GetSchedule", schedule)
    assert not watches("scheduler:UpdateSchedule", schedule)
    assert not watches("states:StartExecution", machine)
