"""When a schedule of EventBridge comes next."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from cronsim import CronSim

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((.+)\)")


def next_time(expression: str, after: datetime) -> datetime | None:
    """When a schedule comes next; None for an expression that is none."""
    if (rate := _RATE.fullmatch(expression)) is not None:
        return after + timedelta(**{f"{rate[2]}s": int(rate[1])})
    if (cron := _CRON.fullmatch(expression)) is None:
        return None
    minute, hour, day, month, weekday, _year = cron[1].split()
    fields = (minute, hour, day, month, re.sub(r"\d", lambda m: str(int(m[0]) - 1), weekday))
    return next(CronSim(" ".join(field.replace("?", "*") for field in fields), after))
