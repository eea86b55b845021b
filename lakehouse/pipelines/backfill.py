"""Plans a backfill: the days whose source rows are read again, and the runs that read them, in order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Job
from lakehouse.reading.days import day_of
from lakehouse.reading.faults import nearest

MAX_RUNS = 5000
# The argument of a run that reads a window, for the CLI, Glue and Airflow alike.
ARGUMENT = "--backfill"
WINDOW = re.compile(r"(?P<first>[0-9-]{10})\.\.(?P<last>[0-9-]{10})@(?P<id>[a-z0-9-]{4,40})")


class BackfillError(ValueError):
    """The request is invalid. The text has one line per fault."""


@dataclass(frozen=True)
class BackfillWindow:
    """The days `first` to `last` of a source, read again by the backfill `id`.

    Each backfill has watermarks of its own: those of ordinary runs stay where they are, and a backfill that
    was killed goes on where it was.
    """

    id: str
    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}..{self.last}@{self.id}"

    @classmethod
    def parse(cls, text: str) -> BackfillWindow | None:
        """The window of `2017-01-01..2017-01-31@ID`; None for a text that is none."""
        match = WINDOW.fullmatch(text)
        first, last = (day_of(match["first"]), day_of(match["last"])) if match else (None, None)
        if match is None or first is None or last is None or last < first:
            return None
        return cls(match["id"], first, last)


@dataclass(frozen=True)
class Step:
    """One run of one job for one day. `reads_source`: it reads the window of the backfill from its source."""

    job: str
    day: date
    reads_source: bool = False

    def arguments(self, window: BackfillWindow) -> dict[str, str]:
        """The arguments of the step's run, beyond those of its job."""
        of_window = {ARGUMENT: str(window)} if self.reads_source else {}
        return {"--run-date": self.day.isoformat(), **of_window}


def window_of(params: Mapping[str, Any], backfill_id: str) -> BackfillWindow:
    """The window of a valid request, whose days are `from` and `to`."""
    return BackfillWindow(
        backfill_id, date.fromisoformat(str(params["from"])), date.fromisoformat(str(params["to"]))
    )


def steps(params: Mapping[str, Any], jobs: Sequence[Job], newest: date) -> list[Step]:
    """The runs of a backfill: day after day, and within a day each job after the jobs it depends on.

    `params` holds `from`, `to`, `jobs` (names of jobs or pipelines), and `at_once`: each job runs once, for
    the last day, and reads the whole window. `jobs` are sorted by dependency. `newest` is the last completed
    day. Raises BackfillError with every fault of the request.
    """
    faults: list[str] = []
    first, last = _day(params, "from", faults), _day(params, "to", faults)
    selected = _selected(params.get("jobs") or [], jobs, faults)
    if first and last and last < first:
        faults.append(f"to {last} is before from {first}")
    if last and last > newest:
        faults.append(f"to {last}: the last day that is over is {newest}")
    days = (last - first).days + 1 if first and last else 0
    days = min(days, 1) if params.get("at_once") else days
    runs = days * len(selected)
    if runs > MAX_RUNS:
        faults.append(
            f"{days} days of {len(selected)} jobs are {runs} runs; at most {MAX_RUNS} in one backfill"
        )
    if faults or first is None or last is None:
        raise BackfillError("\n".join(faults))
    return [
        Step(job.name, last - timedelta(days=n), job.type is JobType.INGEST)
        for n in range(days - 1, -1, -1)
        for job in selected
    ]


def _selected(requested: Sequence[str], jobs: Sequence[Job], faults: list[str]) -> list[Job]:
    """The batch jobs that `requested` names, by their own name or by their pipeline's."""
    batch = [job for job in jobs if not job.continuous]
    valid = {name for job in batch for name in (job.name, job.pipeline)}
    for name in requested:
        if name not in valid:
            near = nearest(name, valid)
            hint = f"; did you mean '{near}'?" if near else ""
            faults.append(f"no batch job or pipeline '{name}'{hint}")
    if not requested:
        faults.append("jobs: name at least one job or pipeline")
    return [job for job in batch if job.name in requested or job.pipeline in requested]


def _day(params: Mapping[str, Any], key: str, faults: list[str]) -> date | None:
    text = str(params.get(key) or "")
    day = day_of(text)
    if day is None:
        faults.append(f"{key} '{text}': wanted a date as 2017-01-31")
    return day
