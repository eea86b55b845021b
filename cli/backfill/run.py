"""Runs a backfill day after day, from where it is; it notes each day that is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import typer

from cli.backfill.record import DONE, Backfill, Backfills
from cli.operations.audit import actor
from cli.progress import is_quiet
from cli.run.commands import summary
from cli.run.execution import execute
from cli.run.outcome import Outcome
from glue_jobs.errors import RunError
from glue_jobs.state.lease import lease
from glue_jobs.state.operations import audited
from lakehouse.environments import Environment
from lakehouse.pipelines import Job

VERB = "backfill"


def run_backfill(
    env: Environment, backfill: Backfill, jobs: Sequence[Job], *, here: bool, as_json: bool
) -> Backfill:
    """Runs the days that are not done. Jobs of a day run side by side, unless one waits for another.

    Raises RunError: RUN602 when a job fails, RUN020 while another process runs the same backfill. Started
    again, it goes on with the day that was not done: its sources have watermarks of their own.
    """
    records, days = Backfills(env), backfill.days
    wait, last = env.lease_seconds + 5.0, backfill.window.last
    with (
        audited(env, VERB, asdict(backfill), by=actor(env), run_date=last, alive_by=backfill.lease) as run_id,
        lease(env, backfill.lease, run_id, wait_seconds=wait) as guard,
    ):
        for number, day in list(enumerate(days, start=1))[backfill.done :]:
            if not as_json and not is_quiet():
                typer.echo(f"day {number} of {len(days)}: {day}")
            outcomes = execute(env.name, list(jobs), day, quiet=as_json, here=here, window=backfill.window)
            summary(outcomes, as_json)
            _raise_failed(env, backfill, outcomes, day.isoformat())
            guard.check()
            backfill = records.update(backfill, done=number)
        return records.update(backfill, status=DONE)


def _raise_failed(env: Environment, backfill: Backfill, outcomes: Sequence[Outcome], day: str) -> None:
    failed = [outcome for outcome in outcomes if not outcome.succeeded]
    if failed:
        cause = next((o for o in failed if o.error), failed[0])
        raise RunError(
            f"backfill {backfill.id} stopped on {day}: {cause.job} {cause.status}: {cause.error}; mend it, "
            f"then `lakehouse backfill --env {env.name} --resume {backfill.id}`",
            code="RUN602",
        )
