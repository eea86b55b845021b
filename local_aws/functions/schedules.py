"""Rules with a schedule, in UTC, and the thread that looks after schedules of both kinds."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from moto.events.models import events_backends

from local_aws.backups import plans
from local_aws.functions import execution_schedules
from local_aws.functions.calls import call_later
from local_aws.functions.next_time import next_time

log = logging.getLogger(__name__)
_LOOK_SECONDS = 5.0


def start() -> None:
    """Look after schedules in a thread, until the process ends."""
    threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    due: dict[str, tuple[str, datetime]] = {}
    executions: execution_schedules.Due = {}
    backups: plans.Due = {}
    while True:
        time.sleep(_LOOK_SECONDS)
        try:
            call_due(due, datetime.now(UTC))
            execution_schedules.start_due(executions, datetime.now(UTC))
            plans.start_due(backups, datetime.now(UTC))
        except Exception:
            log.exception("schedules")


def call_due(due: dict[str, tuple[str, datetime]], now: datetime) -> None:
    """Call what is due, and note in `due` when each rule comes next: ARN → expression and time."""
    for account, rule in _scheduled():
        expression, at = due.get(rule.arn, ("", now))
        if expression != rule.scheduled_expression:
            if (first := next_time(rule.scheduled_expression, now)) is not None:
                due[rule.arn] = rule.scheduled_expression, first
        elif at <= now:
            due[rule.arn] = expression, next_time(expression, now) or now
            for target in rule.targets:
                call_later(account, rule.region_name, target["Arn"], _event(account, rule, at))


def _scheduled() -> Iterator[tuple[str, Any]]:
    for account, regions in list(events_backends.items()):
        for backend in list(regions.values()):
            for bus in list(backend.event_buses.values()):
                for rule in list(bus.rules.values()):
                    if rule.scheduled_expression and rule.state != "DISABLED":
                        yield account, rule


def _event(account: str, rule: Any, at: datetime) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": account,
        "time": at.strftime("%FT%TZ"),
        "region": rule.region_name,
        "resources": [rule.arn],
        "detail": {},
    }
