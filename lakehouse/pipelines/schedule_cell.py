"""Reads the schedule of a job: cron with five fields, or `continuous`."""

from __future__ import annotations

from lakehouse.pipelines.cell_error import CellError
from lakehouse.reading.cron import FIVE, CronError, read_cron


def schedule(raw: str) -> str:
    """The schedule as written. Raises CellError for one that Airflow cannot read or that never comes."""
    if raw == "continuous":
        return raw
    try:
        return read_cron(raw)
    except CronError as error:
        wanted = f"{FIVE} or 'continuous'" if error.wanted == FIVE else error.wanted
        raise CellError(str(error), wanted, part=error.part or None) from error
