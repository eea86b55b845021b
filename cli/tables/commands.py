"""`lakehouse table …`: the versions of a table, what differs between two, and the way back to one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.common import EnvName, Json, environment, live_environment, print_rows, unknown
from cli.operations.ask import DryRun, Yes, agreed

if TYPE_CHECKING:
    from cli.tables.diff import TableDiff
    from lakehouse.environments import Environment

table = typer.Typer(
    help="Versions of tables: their history, what differs between two, and the way back.",
    no_args_is_help=True,
)


def table_names() -> list[str]:
    from lakehouse.contracts import load_schemas

    return sorted(load_schemas().on_lake)


Name = Annotated[
    str,
    typer.Argument(
        metavar="TABLE", help="<layer>.<table>, such as gold.fact_sales.", autocompletion=table_names
    ),
]
HISTORY = ["version", "at (UTC)", "operation", "rows added", "rows deleted", "batch or run"]


@table.command("history")
def history(
    env: EnvName,
    name: Name,
    limit: Annotated[int, typer.Option(min=1, help="So many, the newest first.")] = 20,
    as_json: Json = False,
) -> None:
    """List the versions that a table's log still describes: when, by which operation and batch, which rows.

    Old versions can be read for as long as maintenance keeps their files, `maintenance.retain_hours`.
    """
    from cli.tables.versions import commits, open_table

    world = live_environment(env)
    _known(name)
    rows: list[list[Any]] = [
        [c.version, c.at.isoformat(sep=" ", timespec="seconds")[:19], c.operation, *c.rows, c.batch_id]
        for c in commits(open_table(world, name), limit)
    ]
    print_rows(name, HISTORY, rows, as_json=as_json, right=[HISTORY[0], *HISTORY[3:5]])


@table.command("diff")
def diff(
    env: EnvName,
    name: Name,
    start: Annotated[
        str, typer.Option("--from", help="A version, a day (its end in UTC) or a moment of the first state.")
    ],
    end: Annotated[
        str | None, typer.Option("--to", help="That of the second state; the newest when left out.")
    ] = None,
    to_env: Annotated[
        str | None, typer.Option("--to-env", help="The environment of the second state, if it is another.")
    ] = None,
    keys: Annotated[int, typer.Option("--keys", help="Show so many keys that differ.", min=0)] = 0,
    as_json: Json = False,
) -> None:
    """Compare two states of a table: keys added and gone, keys changed, and the columns that changed.

    The two are joined by the primary key, on disk where memory does not hold them; files that both have are
    not read. Bronze has no key of its own: its rows are compared whole. Exit code 1 when they differ.
    """
    from cli.tables.diff import diff_tables
    from cli.tables.storage import arrow_dataset
    from cli.tables.versions import At, open_table, version_at
    from lakehouse.contracts import load_schemas

    first = _on_this_machine(env)
    second = _on_this_machine(to_env) if to_env else first
    _known(name)
    old = open_table(first, name, version_at(first, name, At.parse(start)))
    new = open_table(second, name, version_at(second, name, At.parse(end) if end else At()))
    states = arrow_dataset(first, old), arrow_dataset(second, new)
    difference = diff_tables(*states, load_schemas().contracts[name], keys)
    if as_json:
        facts = {"from": old.version(), "to": new.version(), **vars(difference)}
        typer.echo(json.dumps(facts, ensure_ascii=False, default=str))
    else:
        _print_difference(f"{name}: version {old.version()} to {new.version()}", difference)
    if not difference.is_empty:
        raise typer.Exit(1)


def _print_difference(title: str, difference: TableDiff) -> None:
    print_rows(title, ["difference", "number"], difference.lines(), as_json=False)
    if difference.samples:
        print_rows("", ["difference", "key"], list(map(list, difference.samples)), as_json=False)


@table.command("restore")
def restore(
    env: EnvName,
    name: Name,
    to: Annotated[
        str | None, typer.Option("--to", help="A version, a day (its end in UTC) or a moment.")
    ] = None,
    undo: Annotated[str | None, typer.Option(help="The run id of a restore that is to be undone.")] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Bring a table back to an earlier version, by one commit, which --undo takes back.

    Shows which commits are undone and asks. Who follows the table reads the difference with the next run. The
    table's own watermark stays: the command says how the rows that came since are read again.
    """
    from cli.tables.restore import RestorePlan, commands_after, facts, version_before
    from cli.tables.versions import At, version_at
    from lakehouse.pipelines import jobs_in

    if (to is None) == (undo is None):
        raise typer.BadParameter("give either --to or --undo")
    world = live_environment(env)
    _known(name)
    version = version_before(world, name, undo) if undo else version_at(world, name, At.parse(str(to)))
    plan = RestorePlan.of(world, name, version)
    for subject, value in facts(plan):
        typer.echo(f"  {subject}: {value}")
    if plan.newest == version:
        typer.echo("that is the newest version: there is nothing to do")
        return
    if not agreed(f"Restore {name} in {world.name}?", yes=yes, dry_run=dry_run):
        return
    run_id = plan.execute()
    typer.echo(f"restored; undo: `lakehouse table restore --env {env} {name} --undo {run_id}`")
    for command in commands_after(world, jobs_in(world), name):
        typer.echo(f"rows that came since, if they are right: `{command}`, then run its job")


def _known(name: str) -> None:
    if name not in table_names():
        raise unknown("table", name, table_names())


def _on_this_machine(name: str) -> Environment:
    """A local world. Raises RunError (RUN606): rows of another would come to this machine."""
    from glue_jobs.errors import RunError

    if environment(name).overlay is None:
        raise RunError(
            f"a diff of environment '{name}' would bring its rows to this machine; it is for local worlds",
            code="RUN606",
        )
    return live_environment(name)
