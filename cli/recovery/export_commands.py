"""`lakehouse dr export|list|verify`: copies of tables of one instant in the second region."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.common import EnvName, Json, live_environment, print_rows, unknown
from cli.operations.ask import DryRun, Yes, agreed
from cli.recovery.dr import dr
from cli.recovery.options import ExportId, Tables, exported_tables, named_tables

LISTED = ["export", "status", "instant (UTC)", "tables", "files", "MB", "by"]
VERIFIED = ["table", "version", "files", "rows", "verdict"]

EXPORT_HELP = """
Copy a consistent set of tables into the second region, with watermarks, catalog and checksums.

Replication carries a corruption along within minutes; an export stays as it is. All tables are of one
instant, each at a named version, and no watermark is ahead of its table: what came since is read again. S3
copies inside itself and computes a checksum of each object; no row comes to this machine.

Shows versions and sizes, and asks. Killed, it goes on with --resume ID: what has arrived stays.

Example: lakehouse dr export --env prod
"""


@dr.command("export", help=EXPORT_HELP)
def export(
    env: EnvName,
    table: Tables = None,
    resume: Annotated[
        str | None, typer.Option(metavar="ID", help="Go on with the export of this id.")
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """EXPORT_HELP is what a person reads."""
    from cli.recovery.buckets import require_buckets
    from cli.recovery.export import Exporter
    from cli.recovery.export_plan import plan_export
    from cli.recovery.exports import PLAN, read_export
    from cli.recovery.region import Region

    world, tables = live_environment(env), named_tables(table)
    second = Region.second(world)
    plan = read_export(second, resume, PLAN) if resume else plan_export(world, tables)
    if plan is None:
        raise unknown("export", str(resume), [])
    require_buckets(second)
    rows: list[list[object]] = [
        [name, t.version, len(t.files), t.rows, f"{sum(f.size for f in t.files) / 1e6:,.1f}"]
        for name, t in plan.tables.items()
    ]
    print_rows(f"as of {plan.at}", ["table", "version", "files", "rows", "MB"], rows, as_json=False)
    typer.echo(f"{plan.bytes / 1e6:,.1f} MB and {len(plan.watermarks)} watermarks to {second.env.region}")
    if not agreed(f"Export {len(plan.tables)} tables of {world.name}?", yes=yes, dry_run=dry_run):
        return
    typer.echo(f"export {plan.id}; after a failure: `lakehouse dr export --env {env} --resume {plan.id}`")
    Exporter(world, plan).execute()
    typer.echo(f"exported; check: `lakehouse dr verify --env {env} --export {plan.id}`")


@dr.command("list")
def list_exports(env: EnvName, as_json: Json = False) -> None:
    """List the exports of the second region, the newest first, with their instant, size, and who made them.

    An unfinished export is finished by `lakehouse dr export --resume ID`.
    """
    from cli.recovery.exports import PLAN, export_ids, read_export
    from cli.recovery.region import Region

    second = Region.second(live_environment(env))
    rows: list[list[object]] = []
    for name in export_ids(second):
        done = read_export(second, name)
        facts = done or read_export(second, name, PLAN)
        if facts is not None:
            files = sum(len(t.files) for t in facts.tables.values())
            status = "complete" if done else "UNFINISHED"
            size = round(facts.bytes / 1e6, 1)
            rows.append([name, status, facts.at[:19], len(facts.tables), files, size, facts.actor])
    print_rows("exports", LISTED, rows, as_json=as_json, right=LISTED[3:6])


@dr.command("verify")
def verify_export(env: EnvName, export: ExportId = None, table: Tables = None, as_json: Json = False) -> None:
    """Compare every file of an export with its manifest, and open each table at its version.

    Reads no row: S3 keeps a checksum of each object's bytes. Exit code 1 when anything is missing or changed.
    """
    from cli.recovery.exports import find_export
    from cli.recovery.region import Region
    from cli.recovery.verify import verify

    second = Region.second(live_environment(env))
    stored = find_export(second, export)
    verdicts = verify(second, stored, exported_tables(stored, table))
    rows: list[list[object]] = [
        [v.table, v.version, v.files, v.rows, "; ".join(v.faults) or "as exported"] for v in verdicts
    ]
    print_rows(f"export {stored.id}", VERIFIED, rows, as_json=as_json, right=VERIFIED[1:4])
    if any(v.faults for v in verdicts):
        raise typer.Exit(1)
