"""Reads the schedule of a job: cron with five fields, or `continuous`."""

from __future__ import annotations

import re
from datetime import datetime

from cronsim import CronSim, CronSimError

from lakehouse.pipelines.cell_error import CellError

# The last weekday of a month and the last Friday, which cronsim reads and Airflow's croniter does not.
_NOT_AIRFLOWS = re.compile(r"(?:^|[\s,])(?:LW|\d+L)(?=$|[\s,])")
# croniter misreads a range of one value: 7-7 is every day to it, and 30-30 undoes the other field of days.
_ONE_VALUE = re.compile(r"(?<!\d)(\d+)-\1(?!\d)")
# A step from a weekday on, 3/2, ends with Saturday for croniter and with Sunday for cronsim.
_STEP_FROM_WEEKDAY = re.compile(r"(?:^|,)\w+/", re.ASCII)
# For croniter a list may not mix the second Friday with other days.
_ODD_WEEKDAYS = re.compile(r"#[^,]*,|,[^,]*#")
CRON = "cron with five fields (minute hour day month weekday) or 'continuous'"
FIELDS = {
    "minute": (0, 59),
    "hour": (0, 23),
    "day-of-month": (1, 31),
    "month": (1, 12),
    "day-of-week": (0, 7),
}


def schedule(raw: str) -> str:
    """The schedule as written. Raises CellError for one that Airflow cannot read or that never comes."""
    if raw == "continuous":
        return raw
    try:
        if len(raw.split()) != 5 or len(raw) > 200:
            raise CellError(f"'{raw:.60}': {len(raw.split())} fields", CRON)
        if not raw.isascii():
            raise CellError(f"'{raw:.60}': a letter or blank that is not ASCII", CRON)
        if match := _NOT_AIRFLOWS.search(raw.upper()):
            raise CellError(f"'{raw:.60}': Airflow cannot read '{match[0].strip()}'", CRON, part=raw)
        if match := _ONE_VALUE.search(raw):
            raise CellError(f"'{raw:.60}': Airflow misreads '{match[0]}'", match[1], part=raw)
        _check_days(raw)
        CronSim(raw, datetime(2000, 1, 1))
    except (CronSimError, ValueError, AssertionError) as e:
        raise (
            e if isinstance(e, CellError) else CellError(f"'{raw:.60}': {_bad_field(raw, str(e))}", CRON)
        ) from e
    return raw


def _check_days(raw: str) -> None:
    """Raises CellError for days that readers of cron do not agree on.

    Of two restricted fields most take either day. Some want both where one has a `*` among others, a step
    over `*`, or `#`.
    """
    _, _, month_day, _, weekday = raw.split()
    if _ODD_WEEKDAYS.search(weekday):
        raise CellError(f"'{raw:.60}': Airflow cannot read '{weekday:.20}'", CRON, part=raw)
    if match := _STEP_FROM_WEEKDAY.search(weekday):
        message = f"'{raw:.60}': readers do not agree which day is the last of '{weekday:.20}'"
        raise CellError(message, f"a range, such as {match[0].strip(',/')}-6/2", part=raw)
    restricted = month_day not in ("*", "?") and weekday not in ("*", "?")
    if restricted and ("*" in month_day or "*" in weekday or "#" in weekday):
        message = f"'{raw:.60}': readers do not agree whether a day must be in one field or in both"
        raise CellError(message, "'*' in the field of the day-of-month or of the day-of-week", part=raw)


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
