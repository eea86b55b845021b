"""Counts a run's failed attempts. Reads Glue, because a run that dies early never writes to the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from lambdas.common import aws

FAILED_STATES = frozenset({"FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED"})
# A logical date with more attempts than this has caused a message before.
MAX_RUNS = 200


@dataclass(frozen=True)
class GlueRun:
    """One run of a Glue job. `seconds` excludes its start-up."""

    run_id: str
    state: str
    started_at: datetime
    run_date: date
    seconds: int
    error: str = ""


def glue_runs(glue_name: str) -> list[GlueRun]:
    """The newest runs of a Glue job."""
    paginator = aws.glue().get_paginator("get_job_runs")
    pages = paginator.paginate(JobName=glue_name, PaginationConfig={"MaxItems": MAX_RUNS, "PageSize": 100})
    return [glue_run(run) for page in pages for run in page["JobRuns"]]


def glue_run(run: Mapping[str, Any]) -> GlueRun:
    """One run of an answer of GetJobRuns. Without a run date it processes the day before its start."""
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
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def failed_attempts(runs: Sequence[GlueRun], current: GlueRun, state: str) -> int:
    """How often the logical date of `current` has failed since its last success, including `current`.

    `state` is the state of `current` in its event. Each attempt is a Glue run, whether Airflow, Glue or a
    person started it.
    """
    before = [
        run
        for run in runs
        if run.run_date == current.run_date
        and run.started_at <= current.started_at
        and run.run_id != current.run_id
    ]
    succeeded = max(
        (run.started_at for run in before if run.state == "SUCCEEDED"),
        default=datetime.min.replace(tzinfo=UTC),
    )
    failed = sum(run.state in FAILED_STATES and run.started_at > succeeded for run in before)
    return failed + (state in FAILED_STATES)
