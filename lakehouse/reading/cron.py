"""Reads cron with five fields as Airflow does, which starts what has a schedule."""

from __future__ import annotations

import re
from datetime import datetime

from cronsim import CronSim, CronSimError

# The last weekday of a month and the last Friday, which cronsim reads and Airflow's croniter does not.
_NOT_AIRFLOWS = re.compile(r"(?:^|[\s,])(?:LW|\d+L)(?=$|[\s,])")
# croniter misreads a range of one value: 7-7 is every day to it, and 30-30 undoes the other field of days.
_ONE_VALUE = re.compile(r"(?<!\d)(\d+)-\1(?!\d)")
# A step from a weekday on, 3/2, ends with Saturday for croniter and with Sunday for cronsim.
_STEP_FROM_WEEKDAY = re.compile(r"(?:^|,)\w+/", re.ASCII)
# For croniter a list may not mix the second Friday with other days.
_ODD_WEEKDAYS = re.compile(r"#[^,]*,|,[^,]*#")
FIVE = "cron with five fields (minute hour day month weekday)"
FIELDS = {
    "minute": (0, 59),
    "hour": (0, 23),
    "day-of-month": (1, 31),
    "month": (1, 12),
    "day-of-week": (0, 7),
}


class CronError(ValueError):
    """A schedule that Airflow cannot read, that readers do not agree on, or that never comes.

    `wanted`: what may stand there. `part`: the text that is wrong; empty when it is all of it.
    """

    def __init__(self, message: str, wanted: str = FIVE, part: str = "") -> None:
        super().__init__(message)
        self.wanted, self.part = wanted, part


def read_cron(raw: str) -> str:
    """The schedule as written. Raises CronError."""
    try:
        if len(raw.split()) != 5 or len(raw) > 200:
            raise CronError(f"'{raw:.60}': {len(raw.split())} fields")
        if not raw.isascii():
            raise CronError(f"'{raw:.60}': a letter or blank that is not ASCII")
        if match := _NOT_AIRFLOWS.search(raw.upper()):
            raise CronError(f"'{raw:.60}': Airflow cannot read '{match[0].strip()}'", part=raw)
        if match := _ONE_VALUE.search(raw):
            raise CronError(f"'{raw:.60}': Airflow misreads '{match[0]}'", match[1], part=raw)
        _check_days(raw)
        next(CronSim(raw, datetime(2000, 1, 1)))
    except CronError:
        raise
    except (CronSimError, ValueError, AssertionError, StopIteration) as e:
        raise CronError(f"'{raw:.60}': {_bad_field(raw, str(e))}") from e
    return raw


def _check_days(raw: str) -> None:
    """Raises CronError for days that readers of cron do not agree on.

    Of two restricted fields most take either day. Some want both where one has a `*` among others, a step
    over `*`, or `#`.
    """
    _, _, month_day, _, weekday = raw.split()
    if _ODD_WEEKDAYS.search(weekday):
        raise CronError(f"'{raw:.60}': Airflow cannot read '{weekday:.20}'", part=raw)
    if match := _STEP_FROM_WEEKDAY.search(weekday):
        message = f"'{raw:.60}': readers do not agree which day is the last of '{weekday:.20}'"
        raise CronError(message, f"a range, such as {match[0].strip(',/')}-6/2", part=raw)
    restricted = month_day not in ("*", "?") and weekday not in ("*", "?")
    if restricted and ("*" in month_day or "*" in weekday or "#" in weekday):
        message = f"'{raw:.60}': readers do not agree whether a day must be in one field or in both"
        raise CronError(message, "'*' in the field of the day-of-month or of the day-of-week", part=raw)


def _bad_field(raw: str, complaint: str) -> str:
    """`Bad hour` → `hour 25 is not in 0-23`."""
    field = complaint.removeprefix("Bad ")
    if field not in FIELDS:
        return complaint or "is not understood"
    lowest, highest = FIELDS[field]
    text = raw.split()[list(FIELDS).index(field)]
    if text.isdecimal() and lowest <= int(text[:9]) <= highest:
        return f"{field} {text} never comes in that month"
    return f"{field} {text:.20} is not in {lowest}-{highest}"
