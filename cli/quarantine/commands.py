"""`lakehouse quarantine`: rejected rows, and landing files that could not be read."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.common import EnvName, Json, live_environment, print_rows, unknown

quarantine = typer.Typer(
    help="Quarantined rows, which broke their contract, and files that could not be read.",
    no_args_is_help=True,
)


@quarantine.command("list")
def list_quarantine(
    env: EnvName,
    table: Annotated[
        str | None, typer.Option(help="Only this table's, such as bronze.snowflake_orders.")
    ] = None,
    rows_of: Annotated[
        int, typer.Option("--rows", help="Show so many rejected rows with their reasons.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """List quarantined rows and files by table, day and run; `--rows` shows the rows themselves."""
    from cli.quarantine.files import quarantined_files
    from cli.quarantine.rows import first_rows, quarantined_rows

    environment = live_environment(env)
    quarantined = quarantined_rows(environment, table)
    if rows_of:
        _print_rejected(first_rows(environment, quarantined, rows_of), as_json=as_json)
        return
    columns = ["table", "day", "run_id", "files", "bytes", "uri", "landing_file", "reason"]
    rows: list[list[Any]] = [
        [q.table, q.day, q.run_id, q.files, q.size, q.uri, None, None] for q in quarantined
    ]
    rows += [
        [f.table, f.run_date, f.run_id, 1, f.size, f.copy, f.file, f.reason]
        for f in quarantined_files(environment, table)
    ]
    print_rows("quarantine", columns, rows, as_json=as_json, right=["files", "bytes"])


@quarantine.command("show")
def show_quarantine(
    env: EnvName,
    file: Annotated[str, typer.Argument(help="The landing file, by its URI, its id or the end of its name.")],
    as_json: Json = False,
) -> None:
    """Show a landing file that could not be read, why, and how its very bytes are read again."""
    from cli.quarantine.files import quarantined_files, replay_command

    environment = live_environment(env)
    files = quarantined_files(environment)
    chosen = [f for f in files if f.id == file or f.file.endswith(file)]
    if not chosen:
        raise unknown("quarantined file", file, [f.file for f in files])
    facts = [{"id": f.id, **asdict(f), "replay": replay_command(environment, f)} for f in chosen]
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    for one in facts:
        print_rows(str(one["file"]), ["fact", "value"], [[k, v] for k, v in one.items()], as_json=False)


def _print_rejected(rejected: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rejected, ensure_ascii=False))
        return
    rows = [
        [
            r["table"],
            "; ".join(r["reasons"]),
            r.get("source_position") or r.get("raw"),
            json.dumps(r["row"], ensure_ascii=False)[:300],
        ]
        for r in rejected
    ]
    print_rows("rejected rows", ["table", "reasons", "source", "row"], rows, as_json=False)
