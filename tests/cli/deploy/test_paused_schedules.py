"""New schedules wait for a green doctor; what a person has switched off stays off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto.core import set_initial_no_auth_action_count

from cli.deploy.deploy import show_schedules
from cli.deploy.paused_schedules import deployed_schedules, schedules_to_start
from glue_jobs.aws import clients
from lakehouse.environments import Environment, names

ROLE = "arn:aws:iam::123456789012:role/scheduler"
INPUT = '{"scheduled_time": "<aws.scheduler.scheduled-time>"}'


@pytest.fixture
def without_airflow(moto_world: Environment) -> Iterator[Environment]:
    """An environment with two schedules that are off; the state machine of `old` has run."""
    env = moto_world.model_copy(
        update={"stack": moto_world.stack.model_copy(update={"orchestrator": "none"})}
    )
    scheduler: Any = clients(env).client("scheduler")
    states: Any = clients(env).client("stepfunctions")
    group, machines = names.schedule_group(env), []
    scheduler.create_schedule_group(Name=group)
    for dag in ("new", "old"):
        name = names.state_machine(env, dag)
        definition = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
        machine = states.create_state_machine(name=name, definition=definition, roleArn=ROLE)
        machines.append(machine["stateMachineArn"])
        scheduler.create_schedule(
            Name=names.schedule(env, dag),
            GroupName=group,
            State="DISABLED",
            ScheduleExpression="cron(0 2 * * ? *)",
            ScheduleExpressionTimezone="UTC",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": machine["stateMachineArn"], "RoleArn": ROLE, "Input": INPUT},
        )
    states.start_execution(stateMachineArn=machines[1])
    yield env
    for dag in ("new", "old"):
        scheduler.delete_schedule(Name=names.schedule(env, dag), GroupName=group)
    scheduler.delete_schedule_group(Name=group)
    for machine in machines:
        states.delete_state_machine(stateMachineArn=machine)


def _states(env: Environment) -> list[str]:
    return [schedule.state for schedule in deployed_schedules(env)]


def test_doctor_that_is_not_green_switches_nothing_on(without_airflow: Environment) -> None:
    state, detail = schedules_to_start(without_airflow, green=False)
    assert state == "paused"
    assert "doctor --env local --smoke" in detail
    assert _states(without_airflow) == ["DISABLED", "DISABLED"]


def test_green_doctor_switches_new_schedules_on_and_leaves_those_of_people(
    without_airflow: Environment,
) -> None:
    state, detail = schedules_to_start(without_airflow, green=True)
    assert state == "ok"
    assert "switched off by people, and left so: " + names.schedule(without_airflow, "old") in detail
    assert _states(without_airflow) == ["ENABLED", "DISABLED"]
    name, group = names.schedule(without_airflow, "new"), names.schedule_group(without_airflow)
    shown = clients(without_airflow).client("scheduler").get_schedule(Name=name, GroupName=group)
    assert (shown["Target"]["Input"], shown["ScheduleExpressionTimezone"]) == (INPUT, "UTC")


def test_schedules_that_may_not_be_seen_are_unknown(without_airflow: Environment) -> None:
    asked_by_a_stranger = set_initial_no_auth_action_count(0)(schedules_to_start)
    state, detail = asked_by_a_stranger(without_airflow, green=True)
    assert state == "unknown"
    assert "ListSchedules: " in detail


def test_deploy_says_what_schedules_there_are(
    without_airflow: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    show_schedules(without_airflow)
    shown = capsys.readouterr().out
    assert names.schedule(without_airflow, "new") in shown
    assert "cron(0 2 * * ? *)" in shown
    assert "switches them on" in shown


def test_environment_without_a_stack_has_no_schedules(moto_world: Environment) -> None:
    assert deployed_schedules(moto_world) == []
