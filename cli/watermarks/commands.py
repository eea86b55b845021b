"""`lakehouse watermark …`: how far each source and table was read, and the reset of one position."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.common import EnvName, Json, day_option, job_names, live_environment, print_rows, unknown
from cli.operations.ask import DryRun, Yes, agreed

if TYPE_CHECKING:
    from lakehouse.environments import Environment
    from lakehouse.pipelines.watermark_owners import WatermarkOwner

watermark = typer.Typer(
    help="Watermarks: how far each source and table was read. A watermark moves only after rows are written.",
    no_args_is_help=True,
)
Key = Annotated[str, typer.Argument(help="The watermark's key, as `watermark list` shows it.", metavar="KEY")]
To = Annotated[
    str | None, typer.Option("--to", help="The position in JSON, shaped as `watermark show` prints it.")
]
Before = Annotated[
    datetime | None,
    day_option(help="Before the first row of this day; of a warehouse's table."),
]
Beginning = Annotated[
    bool, typer.Option("--beginning", help="Nothing counts as read: the next run reads all.")
]
DropPending = Annotated[
    bool, typer.Option("--drop-pending", help="Stay where it stands, and drop the batch that is pending.")
]
Undo = Annotated[
    str | None, typer.Option(help="The run id of a reset: back to where the watermark stood before it.")
]
COLUMNS = ["watermark", "job", "follows", "stands at", "pending", "batch", "run_date", "updated_at"]


@watermark.command("list")
def list_watermarks(
    env: EnvName,
    job: Annotated[str | None, typer.Option(help="Only this job's.", autocompletion=job_names)] = None,
    days: Annotated[
        bool, typer.Option("--days", help="Those of single days and of backfills, `KEY@…`, too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List where every source and every table that follows others stands.

    `pending` is the end of a batch that a run has planned and not finished: the job's next run finishes it.
    `watermark show` and --json also tell the job, what it follows and when it moved.
    """
    from cli.watermarks.positions import described
    from glue_jobs.state.watermark import Watermarks
    from lakehouse.pipelines.watermark_owners import owner_of

    environment = live_environment(env)
    owners = _owners(environment)
    if job is not None and job not in job_names():
        raise unknown("job", job, job_names())
    rows: list[list[Any]] = []
    for state in Watermarks(environment).list():
        owner = owner_of(state.key, owners)
        if (job and (owner is None or owner.job != job)) or (owner and owner.day and not days):
            continue
        pending = None if state.pending is None else described(state.pending)
        of = [owner.job, owner.follows] if owner else [None, "no job any more"]
        row = [state.key, *of, described(state.position), pending, state.batch, state.run_date]
        rows.append([*row, state.updated_at[:19]])
    if as_json:
        print_rows("watermarks", COLUMNS, rows, as_json=True)
        return
    # The key of a watermark begins with its job or source; `show` and JSON have the rest.
    is_pending = any(row[COLUMNS.index("pending")] for row in rows)
    shown = ["watermark", "stands at", *(["pending"] if is_pending else []), "run_date"]
    cells = [[row[COLUMNS.index(name)] for name in shown] for row in rows]
    print_rows("watermarks", shown, cells, as_json=False)


@watermark.command("show")
def show_watermark(env: EnvName, key: Key, as_json: Json = False) -> None:
    """Show all of one watermark: its whole position, the batch that is pending, and the run that moved it."""
    from dataclasses import asdict

    from glue_jobs.state.watermark import Watermarks

    environment = live_environment(env)
    owner, state = _owner(environment, key), Watermarks(environment).read(key)
    facts: dict[str, Any] = {
        "job": owner.job,
        "table": owner.table,
        "follows": owner.follows,
        **asdict(state),
    }
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in facts.items()}
    print_rows("", ["fact", "value"], list(map(list, texts.items())), as_json=False)


@watermark.command("reset")
def reset_watermark(
    env: EnvName,
    key: Key,
    to: To = None,
    before: Before = None,
    beginning: Beginning = False,
    drop_pending: DropPending = False,
    undo: Undo = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Move one watermark, so that the next run of its job reads from there.

    Shows where it stands, what was read since then and what that cost, and asks. A batch that is pending is
    dropped. The audit keeps the position before, for --undo.
    Days of a source are read again by `lakehouse backfill`, which moves no watermark.
    """
    from cli.watermarks.positions import before as position_of_day
    from cli.watermarks.positions import parsed
    from cli.watermarks.reset import ResetPlan
    from glue_jobs.state.watermark import Watermarks

    if sum([to is not None, before is not None, beginning, drop_pending, undo is not None]) != 1:
        raise typer.BadParameter("give one of --to, --before, --beginning, --drop-pending and --undo")
    environment = live_environment(env)
    owner, state = _owner(environment, key), Watermarks(environment).read(key)
    position: Any = state.position if drop_pending else None
    if to is not None:
        position = parsed(owner, to)
    elif before is not None:
        position = position_of_day(owner, before.date())
    elif undo is not None:
        position = _before_reset(environment, owner, key, undo)
    plan = ResetPlan(environment, owner, state, position)
    for name, text in plan.lines():
        typer.echo(f"  {name}: {text}")
    if agreed(f"Move it in {environment.name}?", yes=yes, dry_run=dry_run):
        typer.echo(f"moved; undo: `lakehouse watermark reset --env {env} {key} --undo {plan.execute()}`")


def _before_reset(env: Environment, owner: WatermarkOwner, key: str, run_id: str) -> Any:
    """Where a watermark stood before a reset."""
    from cli.watermarks.positions import check_position
    from cli.watermarks.reset import position_before

    position = position_before(env, key, run_id)
    # Positions in our own tables may only go back to where they really were.
    if owner.is_source:
        check_position(owner, position)
    return position


def _owner(env: Environment, key: str) -> WatermarkOwner:
    """The owner of a key. Raises BadParameter for one that no job has."""
    from lakehouse.pipelines.watermark_owners import owner_of

    owners = _owners(env)
    owner = owner_of(key, owners)
    if owner is None:
        raise unknown("watermark", key, list(owners))
    return owner


def _owners(env: Environment) -> dict[str, WatermarkOwner]:
    from lakehouse.contracts import load_schemas
    from lakehouse.pipelines import jobs_in
    from lakehouse.pipelines.watermark_owners import watermark_owners

    return watermark_owners(jobs_in(env), load_schemas())
