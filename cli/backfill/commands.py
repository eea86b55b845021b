"""`lakehouse backfill`: past days once more, by a plan that is shown, agreed to, and resumed by its id."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.common import (
    EnvName,
    Here,
    Json,
    as_date,
    day_option,
    job_names,
    live_environment,
    pipeline_names,
    print_rows,
)
from cli.operations.ask import DryRun, Yes, agreed

if TYPE_CHECKING:
    from cli.backfill.record import Backfill
    from lakehouse.environments import Environment
    from lakehouse.pipelines import Job

LISTED = ["id", "status", "from", "to", "days done", "days", "jobs", "by", "started_at"]


FirstDay = Annotated[datetime | None, day_option("--from", help="The first day.")]
LastDay = Annotated[datetime | None, day_option("--to", help="The last day.")]
OfPipeline = Annotated[
    str | None, typer.Option(help="All batch jobs of this pipeline.", autocompletion=pipeline_names)
]
OfJob = Annotated[str | None, typer.Option(help="This job alone.", autocompletion=job_names)]
AtOnce = Annotated[
    bool, typer.Option("--at-once", help="One run of each job, for the last day, and not one per day.")
]
AsOfDate = Annotated[
    datetime | None,
    day_option(
        "--as-of-date",
        help="Write each --table as it was known at the end of this day.",
    ),
]
OfTables = Annotated[
    list[str] | None, typer.Option(help="<layer>.<table>, for --as-of-date; may be given several times.")
]
KeepDays = Annotated[
    int, typer.Option("--keep-days", min=1, help="Days until what --as-of-date wrote expires.")
]
Resume = Annotated[str | None, typer.Option(metavar="ID", help="Go on with the backfill of this id.")]
Listed = Annotated[bool, typer.Option("--list", help="List backfills, the newest first.")]


def backfill(
    env: EnvName,
    start: FirstDay = None,
    end: LastDay = None,
    pipeline: OfPipeline = None,
    job: OfJob = None,
    at_once: AtOnce = False,
    as_of_date: AsOfDate = None,
    table: OfTables = None,
    keep_days: KeepDays = 30,
    resume: Resume = None,
    listed: Listed = False,
    here: Here = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Read the source rows of past days again, and carry them on through silver and gold.

    A warehouse's rows are chosen by their watermark column, files by the day of their folder, messages by
    their timestamp. First it shows where each source stands, what is read again, and what the runs cost by
    the audit; then it asks. Watermarks of ordinary runs stay where they are.
    Killed or failed, it goes on with --resume ID.
    With --as-of-date it writes tables as they were known at the end of a day, by their commits and
    `_ingest_ts`, to the partition `as_of_date` of each table, or of a table of its own, TABLE_as_of.
    """
    environment = live_environment(env)
    if as_of_date is not None:
        _as_of(environment, table or [], as_of_date, keep_days, yes=yes, dry_run=dry_run)
        return
    if listed:
        _list(environment, as_json)
        return
    if resume is None:
        record, jobs = _planned(environment, start, end, pipeline, job, at_once=at_once)
    else:
        record, jobs = _recorded(environment, resume)
    new = resume is None
    _carry_out(environment, record, jobs, is_new=new, here=here, yes=yes, dry_run=dry_run, as_json=as_json)


def _as_of(
    env: Environment, tables: list[str], day: datetime, keep_days: int, *, yes: bool, dry_run: bool
) -> None:
    from cli.backfill.as_of import write_states

    write_states(env, tables, day.date(), keep_days, yes=yes, dry_run=dry_run)


def _carry_out(
    env: Environment,
    record: Backfill,
    jobs: list[Job],
    *,
    is_new: bool,
    here: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    from cli.backfill.plan import BackfillPlan
    from cli.backfill.record import DONE, Backfills
    from cli.backfill.run import run_backfill
    from lakehouse.contracts import load_schemas

    if record.status == DONE:
        typer.echo(f"backfill {record.id} is done: {record.first} to {record.last}")
        return
    BackfillPlan(env, record, jobs, load_schemas()).show(as_json=as_json)
    left = len(record.days) - record.done
    if not agreed(f"Run {left * len(jobs)} runs in {env.name}?", yes=yes, dry_run=dry_run):
        return
    if is_new:
        Backfills(env).create(record)
    again = f"`lakehouse backfill --env {env.name} --resume {record.id}`"
    typer.echo(f"backfill {record.id}; to go on after a failure: {again}", err=as_json)
    done = run_backfill(env, record, jobs, here=here, as_json=as_json)
    typer.echo(f"backfill {done.id} is done: {done.first} to {done.last}", err=as_json)


def _planned(
    env: Environment,
    start: datetime | None,
    end: datetime | None,
    pipeline: str | None,
    job: str | None,
    *,
    at_once: bool,
) -> tuple[Backfill, list[Job]]:
    """A new backfill, which is not noted yet. Raises BadParameter with every fault of the request."""
    from cli.backfill.record import Backfill, now
    from cli.operations.audit import actor
    from cli.run.selection import choose
    from glue_jobs.run import yesterday
    from lakehouse.pipelines import jobs_in
    from lakehouse.pipelines.backfill import BackfillError, steps
    from lakehouse.pipelines.graph import ordered

    named = choose([pipeline] if pipeline else [], job)
    jobs = ordered(jobs_in(env))
    words = [pipeline or named[0].name]
    params = {"from": as_date(start), "to": as_date(end), "jobs": words, "at_once": at_once}
    try:
        planned = steps(params, jobs, yesterday())
    except BackfillError as error:
        raise typer.BadParameter(str(error)) from None
    selected = list(dict.fromkeys(step.job for step in planned))
    first, last = str(as_date(start)), str(as_date(end))
    backfill_id = f"b-{uuid.uuid4().hex[:10]}"
    record = Backfill(backfill_id, first, last, selected, at_once, actor(env), now())
    return record, _jobs_named(selected)


def _recorded(env: Environment, backfill_id: str) -> tuple[Backfill, list[Job]]:
    from cli.backfill.record import Backfills

    record = Backfills(env).get(backfill_id)
    return record, _jobs_named(record.jobs)


def _jobs_named(selected: list[str]) -> list[Job]:
    from lakehouse.pipelines import load_pipelines

    by_name = {j.name: j for p in load_pipelines().values() for j in p.jobs}
    gone = [name for name in selected if name not in by_name]
    if gone:
        raise typer.BadParameter(f"{', '.join(gone)} is no job any more")
    return [by_name[name] for name in selected]


def _list(env: Environment, as_json: bool) -> None:
    from cli.backfill.record import Backfills

    rows: list[list[object]] = [
        [b.id, b.status, b.first, b.last, b.done, len(b.days), ", ".join(b.jobs), b.actor, b.started_at[:19]]
        for b in Backfills(env).newest()
    ]
    print_rows("backfills", LISTED, rows, as_json=as_json, right=["days done", "days"])
