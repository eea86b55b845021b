"""`lakehouse dr restore`: tables of an export, or the replicated copies, made ready to go on from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.common import EnvName, live_environment, print_rows
from cli.operations.ask import DryRun, Yes, agreed
from cli.recovery.dr import dr
from cli.recovery.options import ExportId, Tables, exported_tables, named_tables

if TYPE_CHECKING:
    from cli.recovery.exports import Export
    from cli.recovery.region import Region

At = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help="The newest export that is not younger than this.")
]

RESTORE_HELP = """
Bring tables of an export back, with their watermarks, into the first or the second region.

Files that the region still has as they were are not copied. The log of each table is kept aside, for --undo,
and replaced; a table is an older state of itself until the last step, and never a mixture. Watermarks go
back to where they stood at the export, with the highest batch number that the table has seen: what came
since is read again, and nothing is skipped. Leases stay, so a run that lives is not cut short: stop jobs
first. Tables that the catalog lacks are added to it.

With --from-copies no export is used: each replicated copy of the second region is cut back to the newest
version whose files have all arrived, as `lakehouse dr check` shows it, and watermarks are raised.

Shows what is replaced and copied, and asks. Killed, the same command is started again.

Example: lakehouse dr restore --env prod --into first --table gold.fact_sales --at 2017-01-31
"""


@dr.command("restore", help=RESTORE_HELP)
def restore(
    env: EnvName,
    into: Annotated[
        Literal["first", "second"], typer.Option("--into", help="The region whose tables are restored.")
    ] = "second",
    export: ExportId = None,
    at: At = None,
    table: Tables = None,
    from_copies: Annotated[
        bool, typer.Option("--from-copies", help="Use the replicated copies of the second region.")
    ] = False,
    undo: Annotated[
        str | None, typer.Option(metavar="NAME", help="The name of a restore that is to be undone.")
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """RESTORE_HELP is what a person reads."""
    from cli.recovery.region import Region

    if sum([export is not None or at is not None, from_copies, undo is not None]) > 1:
        raise typer.BadParameter("give one of --export or --at, --from-copies, and --undo")
    world = live_environment(env)
    first, second = Region.first(world), Region.second(world)
    if undo is not None:
        _undo(first, second, undo, yes=yes, dry_run=dry_run)
    elif from_copies:
        _cut(second, named_tables(table), yes=yes, dry_run=dry_run)
    else:
        from cli.recovery.exports import find_export

        stored = find_export(second, export, at)
        target = first if into == "first" else second
        _restore(target, stored, exported_tables(stored, table), yes=yes, dry_run=dry_run)


def _restore(target: Region, stored: Export, tables: list[str], *, yes: bool, dry_run: bool) -> None:
    from cli.recovery.restore import Restore

    restore, env = Restore.of(target, stored, tables), target.env
    columns = ["table", "is at version", "will be at", "files to copy", "size"]
    print_rows(f"export {stored.id} of {stored.at}", columns, restore.rows(), as_json=False)
    typer.echo("jobs must be stopped: what they wrote since is read again by their next runs")
    if not agreed(f"Restore {len(tables)} tables of {env.name} in {env.region}?", yes=yes, dry_run=dry_run):
        return
    restore.execute()
    typer.echo(f"restored; undo: `lakehouse dr restore --env {env.name} --undo {restore.name}`")


def _cut(second: Region, tables: list[str], *, yes: bool, dry_run: bool) -> None:
    from cli.recovery.copies import cut
    from cli.recovery.dr import look_at
    from cli.recovery.marks import watermarks_of
    from cli.recovery.restore import require_state

    require_state(second)
    marks = watermarks_of(second.env)
    copies = [look_at(second.env, name, marks) for name in tables]
    rows: list[list[object]] = [[c.table, c.newest, c.complete, c.verdict] for c in copies]
    print_rows("copies", ["table", "newest", "will be at", "verdict"], rows, as_json=False)
    env = second.env
    if not agreed(f"Cut the copies of {env.name} in {env.region}?", yes=yes, dry_run=dry_run):
        return
    for key, before, after in cut(second, copies):
        typer.echo(f"{key}: batch number raised from {before} to {after}")
    typer.echo("cut: each copy is whole")


def _undo(first: Region, second: Region, name: str, *, yes: bool, dry_run: bool) -> None:
    from cli.recovery.restore import read_undo, undo_restore

    tables = read_undo(second, name)["tables"]
    typer.echo(f"  tables that go back to before the restore: {', '.join(tables)}")
    if agreed(f"Undo the restore {name} in {first.env.name}?", yes=yes, dry_run=dry_run):
        undo_restore(first, second, name)
        typer.echo("undone: logs and watermarks are as they were")
