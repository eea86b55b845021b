"""The six things that are looked for. Each check is pure: the state of the audit in, findings out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from lambdas.common.audit import Run
from lambdas.common.job_catalog import Job
from lambdas.sla_checker.due import Due, last_due
from lambdas.sla_checker.state import State

Kind = Literal["never_started", "too_long", "zero_records", "record_count", "stale", "error_lane"]


@dataclass(frozen=True)
class Finding:
    """`subject` is the job, or the table that is stale; `job` is whose people are told; `run_id` where one run is meant."""

    kind: Kind
    subject: str
    job: Job
    what: str
    run_id: str = ""


def never_started(state: State, grace: timedelta) -> Iterator[Finding]:
    """Due and not there. A job that waits for another one that has not succeeded is not at fault; the other one is told."""
    for job in state.watched.jobs.values():
        due = last_due(job, state.now, grace)
        if job.continuous and job.name not in state.running:
            yield Finding("never_started", job.name, job, "is not running, and it should always run")
        elif due and not _started(state, job, due) and not _waits(state, job, due):
            late = round((state.now - due.at).total_seconds() / 60)
            yield Finding(
                "never_started",
                job.name,
                job,
                f"was due at {_clock(due.at)} for {due.run_date}, {late} min ago, and never started",
            )


def too_long(state: State, grace: timedelta) -> Iterator[Finding]:
    """A run that took or takes longer than the SLA, and a job whose attempts together do without one that succeeds."""
    for job in state.watched.jobs.values():
        due = last_due(job, state.now, grace)
        runs = _runs(state, job, due) if due and job.sla_minutes else []
        if not runs:
            continue
        sla = timedelta(minutes=job.sla_minutes)
        slow = next(
            (run for run in runs if run.status != "RUNNING" and run.seconds > sla.total_seconds()), None
        )
        first = min(run.started_at for run in runs)
        if not any(run.succeeded for run in runs) and state.now - first > sla:
            yield Finding(
                "too_long",
                job.name,
                job,
                f"{_unfinished(runs, first)}; its SLA is {job.sla_minutes} min",
                runs[0].run_id,
            )
        elif slow:
            took = f"took {slow.seconds / 60:.0f} min for {slow.run_date}; its SLA is {job.sla_minutes} min"
            yield Finding("too_long", job.name, job, took, slow.run_id)


def stale(state: State) -> Iterator[Finding]:
    """A table with a rule of freshness whose last write was for a logical date too long ago."""
    newest = state.now.date() - timedelta(days=1)
    for table, most in state.watched.fresh.items():
        job = next((job for job in state.watched.jobs.values() if table in job.writes), None)
        if job is None:
            continue
        written = [day for day in state.succeeded_dates(job.name) if table in state.totals(job.name, day)]
        if not written:
            yield Finding(
                "stale",
                table,
                job,
                f"has not been written in all the days that are watched; {most} days are allowed",
            )
        elif (newest - written[0]).days > most:
            age = (newest - written[0]).days
            yield Finding(
                "stale",
                table,
                job,
                f"was last written for {written[0]}, {age} days before {newest}; {most} days are allowed",
            )


def _started(state: State, job: Job, due: Due) -> bool:
    """By the logical date where a day has one start: a later job of a pipeline may run before its own time, and a backfill of another day is none."""
    return any(
        run.started_at >= due.at if due.often else run.run_date >= due.run_date for run in state.of(job.name)
    )


def _runs(state: State, job: Job, due: Due) -> list[Run]:
    """Of the start that was due, the newest first."""
    found = [run for run in state.of(job.name, due.run_date) if not due.often or run.started_at >= due.at]
    return sorted(found, key=lambda run: run.started_at, reverse=True)


def _waits(state: State, job: Job, due: Due) -> bool:
    before = [state.watched.jobs[name] for name in job.depends_on if name in state.watched.jobs]
    return any(not any(run.succeeded for run in _runs(state, other, due)) for other in before)


def _unfinished(runs: list[Run], first: datetime) -> str:
    if runs[0].status == "RUNNING":
        return f"runs since {_clock(runs[0].started_at)} for {runs[0].run_date}, or was killed"
    return f"failed {len(runs)} times since {_clock(first)} for {runs[0].run_date}, and nobody tries again"


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
