"""`lakehouse quarantine`: rejected rows, and landing files that could not be read."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.common import EnvName, Here, Json, as_date, day_option, live_environment

quarantine = typer.Typer(
    help="Quarantined rows, which broke their contract, and files that could not be read.",
    no_args_is_help=True,
)
Table = Annotated[
    str, typer.Option(help="The table that did not take them, such as bronze.snowflake_orders.")
]
Ids = Annotated[list[str] | None, typer.Option("--id", help="Only this row; may be given several times.")]
RunId = Annotated[str, typer.Option("--run-id", help="Only the rows that this run rejected.")]
Rule = Annotated[str, typer.Option(help="Only rows with this text in a reason, such as 'amount: minimum'.")]
FileName = Annotated[
    str, typer.Option("--landing-file", help="A landing file, by its URI, its id or the end of its name.")
]
RowDay = Annotated[
    datetime | None,
    day_option("--day", help="Only the rows that this logical date rejected."),
]


@quarantine.command("list")
def list_quarantine(
    env: EnvName,
    table: Annotated[
        str | None, typer.Option(help="Only this table's, such as bronze.snowflake_orders.")
    ] = None,
    rows_of: Annotated[
        int, typer.Option("--rows", help="Show so many rejected rows with their reasons.")
    ] = 0,
    state: Annotated[
        str, typer.Option(help="With --rows: only rows that are open, replayed or discarded; or all.")
    ] = "open",
    books: Annotated[
        bool, typer.Option("--books", help="Show for each table quarantined = open + replayed + discarded.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List quarantined rows and files by table, day and run; `--rows` shows the rows themselves.

    Then: `quarantine export` gives rows to edit, `quarantine replay` tries them again, and `quarantine
    discard` closes those that nobody needs.
    """
    from cli.quarantine import listing

    environment = live_environment(env)
    if books:
        listing.print_books(environment, table, as_json=as_json)
    elif rows_of:
        listing.print_entries(environment, table, state, rows_of, as_json=as_json)
    else:
        listing.print_folders(environment, table, as_json=as_json)


@quarantine.command("show")
def show_quarantine(
    env: EnvName,
    file: Annotated[str, typer.Argument(help="The landing file, by its URI, its id or the end of its name.")],
    as_json: Json = False,
) -> None:
    """Show a landing file that could not be read, why, and how its very bytes are read again."""
    from cli.quarantine import listing

    listing.print_file(live_environment(env), file, as_json=as_json)


@quarantine.command("export")
def export_rows(
    env: EnvName,
    table: Table,
    out: Annotated[Path, typer.Option(help="The new file: .jsonl for JSON lines, or .csv.")],
    ids: Ids = None,
    run_id: RunId = "",
    rule: Rule = "",
    day: RowDay = None,
) -> None:
    """Write open rows with their reasons into a file, to be edited and given to `quarantine replay`.

    The file holds values as the source sent them, personal ones too.
    """
    from cli.quarantine import acts

    acts.export(live_environment(env), table, acts.selection(ids, run_id, rule, day), out)


@quarantine.command("replay")
def replay(
    env: EnvName,
    table: Annotated[str, typer.Option(help="The table that takes the rows.")] = "",
    file: Annotated[
        Path | None,
        typer.Option(help="Edited rows, as `quarantine export` wrote them; else the rows as they are."),
    ] = None,
    ids: Ids = None,
    run_id: RunId = "",
    rule: Rule = "",
    day: RowDay = None,
    landing_file: FileName = "",
    run_date: Annotated[
        datetime | None,
        day_option(
            help="The logical date of the run; without it the newest day of the rows.",
        ),
    ] = None,
    here: Here = False,
    as_json: Json = False,
) -> None:
    """Try open rows again, through their contract into their table, each exactly once.

    Rows are edited ones (--file), or the same ones after a contract, a rate or a function was mended. What
    breaks its contract again stays open, with its new reason. Silver and gold follow with their next run. A
    landing file is dropped again, and the next run of its ingest reads it.
    Started again after it was killed, it goes on where it was: nothing is written twice.
    """
    from cli.quarantine import acts

    environment = live_environment(env)
    if landing_file:
        acts.replay_landing_file(environment, landing_file)
        return
    if not table:
        raise typer.BadParameter("name the table with --table, or a file with --landing-file")
    chosen = acts.selection(ids, run_id, rule, day)
    acts.replay_rows(environment, table, chosen, file, as_date(run_date), here=here, as_json=as_json)


@quarantine.command("discard")
def discard(
    env: EnvName,
    reason: Annotated[str, typer.Option(help="Why nobody needs them; it is kept with who and when.")],
    table: Annotated[str, typer.Option(help="The table that did not take the rows.")] = "",
    ids: Ids = None,
    run_id: RunId = "",
    rule: Rule = "",
    day: RowDay = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All open rows of the table; without it some must be chosen.")
    ] = False,
    landing_file: FileName = "",
) -> None:
    """Close open rows, or a landing file, that nobody needs, with the reason."""
    from cli.quarantine import acts

    environment = live_environment(env)
    if not reason.strip():
        raise typer.BadParameter("--reason is empty")
    if landing_file:
        acts.discard_landing_file(environment, landing_file, reason)
        return
    if not table:
        raise typer.BadParameter("name the table with --table, or a file with --landing-file")
    if not (ids or run_id or rule or day or everything):
        raise typer.BadParameter("choose rows with --id, --run-id, --rule or --day, or name --all")
    acts.discard(environment, table, acts.selection(ids, run_id, rule, day), reason)
