"""Schedules of EventBridge Scheduler: each starts a state machine when it is due, by its own role."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from moto.scheduler.models import scheduler_backends

from local_aws.functions.calls import current
from local_aws.functions.next_time import next_time
from local_aws.iam.assumption import role_session

log = logging.getLogger(__name__)
_SERVICE = "scheduler.amazonaws.com"
_DUE = "<aws.scheduler.scheduled-time>"
# ARN of a schedule → its expression, and when it comes next.
Due = dict[str, tuple[str, datetime]]


def start_due(due: Due, now: datetime) -> None:
    """Start what is due, and note in `due` when each schedule comes next."""
    for schedule in _enabled():
        expression = schedule.schedule_expression
        known, at = due.get(schedule.arn, ("", now))
        if known == expression and at > now:
            continue
        if known == expression:
            _start(schedule, at)
        following = next_time(expression, now.astimezone(ZoneInfo(schedule.schedule_expression_timezone)))
        if following is not None:
            due[schedule.arn] = expression, following


def _enabled() -> Iterator[Any]:
    for regions in list(scheduler_backends.values()):
        for backend in list(regions.values()):
            for group in list(backend.schedule_groups.values()):
                yield from (s for s in list(group.schedules.values()) if s.state == "ENABLED")


def _start(schedule: Any, at: datetime) -> None:
    """Starts an execution. What cannot be started goes to the schedule's queue of dead letters."""
    host, target, region = current(), schedule.target, schedule.arn.split(":")[3]
    if host is None:
        return
    due = at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = target.get("Input", "{}").replace(_DUE, due)
    keys: dict[str, str] = {}
    try:
        keys = role_session(host, region, target["RoleArn"], _SERVICE, schedule.name)
        states = host.client("stepfunctions", region, keys)
        states.start_execution(stateMachineArn=target["Arn"], input=text)
    except Exception as error:
        log.warning("%s starts nothing: %s", schedule.name, error)
        if letters := target.get("DeadLetterConfig", {}).get("Arn"):
            sqs = host.client("sqs", region, keys)
            url = sqs.get_queue_url(QueueName=letters.split(":")[5])["QueueUrl"]
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"schedule": schedule.arn, "input": text}))
