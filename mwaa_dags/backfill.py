"""Plans a backfill: which runs it makes, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lakehouse.pipelines import Job
from lakehouse.reading.days import day_of
from lakehouse.reading.faults import nearest

MAX_RUNS = 5000


@dataclass(frozen=True)
class Step:
    """One run of one job for one day."""

    job: str
    day: date


class BackfillError(ValueError):
    """The request is invalid. The text has one line per fault."""


def steps(params: Mapping[str, Any], jobs: Sequence[Job], newest: date) -> list[Step]:
    """The runs of a backfill: day after day, and within a day each job after the jobs it depends on.

    `params` holds `from`, `to` and `jobs` (names of jobs or pipelines). `jobs` are sorted by dependency.
    `newest` is the last completed day. Raises BackfillError with every fault of the request.
    """
    faults: list[str] = []
    first, last = _day(params, "from", faults), _day(params, "to", faults)
    selected = _selected(params.get("jobs") or [], jobs, faults)
    if first and last and last < first:
        faults.append(f"to {last} is before from {first}")
    if last and last > newest:
        faults.append(f"to {last}: the last day that is over is {newest}")
    days = (last - first).days + 1 if first and last else 0
    runs = days * len(selected)
    if runs > MAX_RUNS:
        faults.append(
            f"{days} days of {len(selected)} jobs are {runs} runs; at most {MAX_RUNS} in one backfill"
        )
    if faults or first is None:
        raise BackfillError("\n".join(faults))
    return [Step(job.name, first + timedelta(days=n)) for n in range(days) for job in selected]


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
