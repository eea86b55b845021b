"""Which attempt a run was. Glue's list of runs tells: also of a run that died before it could write to the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from lambdas.common import aws

BAD = frozenset({"FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED"})
# The newest runs; a logical date with more attempts than this has been told of before.
MOST_RUNS = 200


@dataclass(frozen=True)
class GlueRun:
    """One run of a Glue job. `seconds` without its start-up."""

    run_id: str
    state: str
    started_at: datetime
    run_date: date
    seconds: int
    error: str = ""


def glue_runs(glue_name: str) -> list[GlueRun]:
    pages = (
        aws.glue()
        .get_paginator("get_job_runs")
        .paginate(JobName=glue_name, PaginationConfig={"MaxItems": MOST_RUNS, "PageSize": 100})
    )
    return [glue_run(run) for page in pages for run in page["JobRuns"]]


def glue_run(run: Mapping[str, Any]) -> GlueRun:
    """One run as the API gives it."""
    started = run["StartedOn"].astimezone(UTC)
    arguments = {key.lstrip("-").replace("_", "-"): value for key, value in run.get("Arguments", {}).items()}
    return GlueRun(
        run_id=run["Id"],
        state=run["JobRunState"],
        started_at=started,
        run_date=_date(arguments.get("run-date", "")) or started.date() - timedelta(days=1),
        seconds=int(run.get("ExecutionTime") or 0),
        error=run.get("ErrorMessage") or "",
    )


def _date(text: str) -> date | None:
    """A run that names no logical date, or no date at all, is for the day before its start, as the job itself decides."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def failed_attempts(runs: Sequence[GlueRun], this: GlueRun, state: str) -> int:
    """How often the logical date of `this` has failed since it last succeeded, `this` with its `state` included.

    Every attempt is a Glue run of its own, whether Airflow, Glue or a person started it.
    """
    before = [
        run
        for run in runs
        if run.run_date == this.run_date and run.started_at <= this.started_at and run.run_id != this.run_id
    ]
    succeeded = max(
        (run.started_at for run in before if run.state == "SUCCEEDED"),
        default=datetime.min.replace(tzinfo=UTC),
    )
    return sum(run.state in BAD and run.started_at > succeeded for run in before) + (state in BAD)
