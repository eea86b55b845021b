"""Which runs a backfill makes, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lakehouse.pipelines import Job
from lakehouse.reading.days import day_of
from lakehouse.reading.faults import nearest

MOST_RUNS = 5000


@dataclass(frozen=True)
class Step:
    job: str
    day: date


class BackfillError(ValueError):
    """What was asked for cannot be done; one line for each thing that is wrong."""


def steps(asked: Mapping[str, Any], jobs: Sequence[Job], newest: date) -> list[Step]:
    """Day after day, each job after those it depends on. `asked`: from, to, jobs (jobs or pipelines); `jobs` stand in order; `newest` is the last day
    that is over. Raises BackfillError with all that is wrong."""
    faults: list[str] = []
    first, last = _day(asked, "from", faults), _day(asked, "to", faults)
    chosen = _chosen(asked.get("jobs") or [], jobs, faults)
    if first and last and last < first:
        faults.append(f"to {last} is before from {first}")
    if last and last > newest:
        faults.append(f"to {last}: the last day that is over is {newest}")
    days = (last - first).days + 1 if first and last else 0
    if days * len(chosen) > MOST_RUNS:
        faults.append(
            f"{days} days of {len(chosen)} jobs are {days * len(chosen)} runs; at most {MOST_RUNS} in one backfill"
        )
    if faults or first is None:
        raise BackfillError("\n".join(faults))
    return [Step(job.name, first + timedelta(days=n)) for n in range(days) for job in chosen]


def _chosen(wanted: Sequence[str], jobs: Sequence[Job], faults: list[str]) -> list[Job]:
    batch = [j for j in jobs if not j.continuous]
    known = {name for j in batch for name in (j.name, j.pipeline)}
    for name in wanted:
        if name not in known:
            near = nearest(name, known)
            faults.append(
                f"no batch job or pipeline '{name}'" + (f"; did you mean '{near}'?" if near else "")
            )
    if not wanted:
        faults.append("jobs: name at least one job or pipeline")
    return [j for j in batch if j.name in wanted or j.pipeline in wanted]


def _day(asked: Mapping[str, Any], key: str, faults: list[str]) -> date | None:
    text = str(asked.get(key) or "")
    if (found := day_of(text)) is None:
        faults.append(f"{key} '{text}': wanted a date as 2017-01-31")
    return found
