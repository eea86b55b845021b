"""Findings about starts, durations and freshness. Each check is a pure function of the state."""

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
    """`subject` is a job or a stale table; the owner of `job` is notified. `run_id` may be empty."""

    kind: Kind
    subject: str
    job: Job
    text: str
    run_id: str = ""


def never_started(state: State, grace: timedelta) -> Iterator[Finding]:
    """Jobs that were due and have not started, and continuous jobs that do not run.

    Leaves out a job whose dependency has not succeeded: that one causes a finding of its own.
    """
    for job in state.catalog.jobs.values():
        due = last_due(job, state.now, grace)
        if job.continuous and job.name not in state.running:
            yield Finding("never_started", job.name, job, "is not running, and it should always run")
        elif due and not _started(state, job, due) and not _waits(state, job, due):
            minutes = round((state.now - due.at).total_seconds() / 60)
            text = f"was due at {_clock(due.at)} for {due.run_date}, {minutes} min ago, and never started"
            yield Finding("never_started", job.name, job, text)


def too_long(state: State, grace: timedelta) -> Iterator[Finding]:
    """Runs that exceed the job's SLA, and jobs whose attempts together exceed it without a success."""
    for job in state.catalog.jobs.values():
        due = last_due(job, state.now, grace)
        runs = _runs(state, job, due) if due and job.sla_minutes else []
        if not runs:
            continue
        sla = timedelta(minutes=job.sla_minutes)
        ended = (run for run in runs if run.status != "RUNNING")
        slow = next((run for run in ended if run.seconds > sla.total_seconds()), None)
        first = min(run.started_at for run in runs)
        if not any(run.succeeded for run in runs) and state.now - first > sla:
            text = f"{_unfinished(runs, first)}; its SLA is {job.sla_minutes} min"
            yield Finding("too_long", job.name, job, text, runs[0].run_id)
        elif slow:
            text = f"took {slow.seconds / 60:.0f} min for {slow.run_date}; its SLA is {job.sla_minutes} min"
            yield Finding("too_long", job.name, job, text, slow.run_id)


def stale(state: State) -> Iterator[Finding]:
    """Tables with a freshness rule whose last write was for a logical date too long ago."""
    newest = state.now.date() - timedelta(days=1)
    for table, max_days in state.catalog.max_age_days.items():
        job = next((job for job in state.catalog.jobs.values() if table in job.writes), None)
        if job is None:
            continue
        written = [day for day in state.succeeded_dates(job.name) if table in state.totals(job.name, day)]
        age = (newest - written[0]).days if written else None
        if age is not None and age <= max_days:
            continue
        last = (
            f"was last written for {written[0]}, {age} days before {newest}"
            if written
            else "has not been written in all the days that are watched"
        )
        yield Finding("stale", table, job, f"{last}; {max_days} days are allowed")


def _started(state: State, job: Job, due: Due) -> bool:
    """Whether the job has started for the due date, or with several starts a day since the due time.

    With one start a day the time does not count: a later job of a pipeline may run before its own hour.
    """
    if due.several_a_day:
        return any(run.started_at >= due.at for run in state.of(job.name))
    return any(run.run_date >= due.run_date for run in state.of(job.name))


def _runs(state: State, job: Job, due: Due) -> list[Run]:
    """The runs of the due start, the newest first."""
    of_day = state.of(job.name, due.run_date)
    runs = [run for run in of_day if not due.several_a_day or run.started_at >= due.at]
    return sorted(runs, key=lambda run: run.started_at, reverse=True)


def _waits(state: State, job: Job, due: Due) -> bool:
    """Whether a dependency of the job has not succeeded."""
    jobs = state.catalog.jobs
    before = [jobs[name] for name in job.depends_on if name in jobs]
    return any(not any(run.succeeded for run in _runs(state, other, due)) for other in before)


def _unfinished(runs: list[Run], first: datetime) -> str:
    if runs[0].status == "RUNNING":
        return f"runs since {_clock(runs[0].started_at)} for {runs[0].run_date}, or was killed"
    return f"failed {len(runs)} times since {_clock(first)} for {runs[0].run_date}, and is not retried"


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
