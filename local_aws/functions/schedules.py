"""Rules with a schedule: `rate(5 minutes)` and `cron(0 6 * * ? *)`, in UTC."""

from __future__ import annotations

import logging
import re
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from cronsim import CronSim
from moto.events.models import events_backends

from local_aws.functions.calls import call_later

log = logging.getLogger(__name__)
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((.+)\)")
_LOOK_SECONDS = 5.0


def next_time(expression: str, after: datetime) -> datetime | None:
    """When a schedule comes next; None for an expression that is none."""
    if (rate := _RATE.fullmatch(expression)) is not None:
        return after + timedelta(**{f"{rate[2]}s": int(rate[1])})
    if (cron := _CRON.fullmatch(expression)) is None:
        return None
    minute, hour, day, month, weekday, _year = cron[1].split()
    fields = (minute, hour, day, month, re.sub(r"\d", lambda m: str(int(m[0]) - 1), weekday))
    return next(CronSim(" ".join(field.replace("?", "*") for field in fields), after))


def start() -> None:
    """Look after schedules in a thread, until the process ends."""
    threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    due: dict[str, tuple[str, datetime]] = {}
    while True:
        time.sleep(_LOOK_SECONDS)
        try:
            call_due(due, datetime.now(UTC))
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
