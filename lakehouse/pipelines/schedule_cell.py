"""Reads the schedule of a job: cron with five fields, or `continuous`."""

from __future__ import annotations

import re
from datetime import datetime

from cronsim import CronSim, CronSimError

from lakehouse.pipelines.cell_error import CellError

# The last weekday of a month and the last Friday, which cronsim reads and Airflow's croniter does not.
_NOT_AIRFLOWS = re.compile(r"(?:^|[\s,])(?:LW|\d+L)(?=$|[\s,])")
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
        if match := _NOT_AIRFLOWS.search(raw.upper()):
            raise CellError(f"'{raw:.60}': Airflow cannot read '{match[0].strip()}'", CRON, part=raw)
        CronSim(raw, datetime(2000, 1, 1))
    except (CronSimError, ValueError, AssertionError) as e:
        raise (
            e if isinstance(e, CellError) else CellError(f"'{raw:.60}': {_bad_field(raw, str(e))}", CRON)
        ) from e
    return raw


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
