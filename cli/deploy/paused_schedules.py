"""Schedules that wait for a green `lakehouse doctor`, where there is no Airflow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lakehouse.environments import Environment, names

ENABLED, DISABLED = "ENABLED", "DISABLED"
# What GetSchedule shows and UpdateSchedule does not take.
_SHOWN_ONLY = ("Arn", "CreationDate", "LastModificationDate", "ResponseMetadata")


@dataclass(frozen=True)
class DeployedSchedule:
    """A schedule and its state machine. `ran`: the state machine has had an execution."""

    name: str
    expression: str
    zone: str
    state: str
    machine: str
    ran: bool


def deployed_schedules(env: Environment) -> list[DeployedSchedule]:
    """The environment's schedules, by name. Empty where none is deployed."""
    from glue_jobs.aws import clients

    scheduler: Any = clients(env).client("scheduler")
    states: Any = clients(env).client("stepfunctions")
    group, schedules = names.schedule_group(env), []
    try:
        for page in scheduler.get_paginator("list_schedules").paginate(GroupName=group):
            for listed in page["Schedules"]:
                shown = scheduler.get_schedule(Name=listed["Name"], GroupName=group)
                machine = shown["Target"]["Arn"]
                runs = states.list_executions(stateMachineArn=machine, maxResults=1)["executions"]
                expression, zone = shown["ScheduleExpression"], shown["ScheduleExpressionTimezone"]
                schedules.append(
                    DeployedSchedule(listed["Name"], expression, zone, shown["State"], machine, bool(runs))
                )
    except scheduler.exceptions.ResourceNotFoundException:
        return []
    return sorted(schedules, key=lambda schedule: schedule.name)


def schedules_to_start(env: Environment, *, green: bool) -> tuple[str, str]:
    """State and detail of the check `schedules`. When all is `green`, new schedules start their jobs.

    A schedule whose state machine has run before was switched off by a person, who also switches it on.
    """
    from botocore.exceptions import ClientError

    try:
        return _started(env, green=green)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return "unknown", f"{error.operation_name}: {code}; switch on in EventBridge Scheduler what is new"


def _started(env: Environment, *, green: bool) -> tuple[str, str]:
    schedules = deployed_schedules(env)
    paused = [schedule for schedule in schedules if schedule.state == DISABLED]
    new = [schedule.name for schedule in paused if not schedule.ran]
    by_people = [schedule.name for schedule in paused if schedule.ran]
    for name in new if green else ():
        _enable(env, name)
    texts = [] if schedules else [f"none is deployed: `lakehouse deploy --env {env.name}`"]
    if new:
        command = f"`lakehouse doctor --env {env.name} --smoke` switches them on when all is well"
        texts.append(f"{'switched on' if green else 'off'}: {', '.join(new)}")
        texts += [] if green else [command]
    if by_people:
        texts.append(f"switched off by people, and left so: {', '.join(by_people)}")
    return "ok" if schedules and (green or not new) else "paused", "; ".join(texts)


def _enable(env: Environment, name: str) -> None:
    """UpdateSchedule takes a schedule whole: what it does not name has its default again."""
    from glue_jobs.aws import clients

    scheduler: Any = clients(env).client("scheduler")
    shown = scheduler.get_schedule(Name=name, GroupName=names.schedule_group(env))
    stated = {key: value for key, value in shown.items() if key not in _SHOWN_ONLY and value is not None}
    scheduler.update_schedule(**{**stated, "State": ENABLED})
