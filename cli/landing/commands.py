"""`lakehouse landing`: files into the landing zone, and which of them the runs have read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.common import EnvName, Json, day_option, live_environment, print_rows

landing = typer.Typer(help="The landing zone, where files wait to be ingested.", no_args_is_help=True)
SourceName = typer.Option(
    help="The landing source: its prefix, such as crm/accounts, or its table.",
)


@landing.command("put")
def put(
    files: Annotated[list[Path], typer.Argument(help="Files on this machine.")],
    env: EnvName,
    source: Annotated[str, SourceName],
    day: Annotated[
        datetime | None,
        day_option("--date", help="The day of the delivery; without it today, UTC."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Put files into the folder of their source and day: the next run for that date reads them.

    All files are held against the form and the columns of the source first; when one is not in that form,
    none is uploaded (exit code 2). A file of the same name takes the place of the one before, and the next
    run reads it, whatever the runs before it have left.
    """
    from cli.landing.upload import put_files

    environment = live_environment(env)
    delivered = (day or datetime.now(UTC)).date()
    uploads = put_files(environment, files, source, delivered)
    rows = [[u.uri, u.size, u.outcome, u.job] for u in uploads]
    print_rows("landing", ["file", "bytes", "outcome", "read by"], rows, as_json=as_json, right=["bytes"])


@landing.command("list")
def list_files(
    env: EnvName,
    source: Annotated[str | None, SourceName] = None,
    day: Annotated[datetime | None, day_option("--date", help="Only files of this day.")] = None,
    limit: Annotated[int, typer.Option(help="So many of each source, the newest days first.")] = 30,
    as_json: Json = False,
) -> None:
    """Show the files of the landing zone, and whether a run has read them.

    `pending`: a run that failed or was killed has planned the file, and the next one reads it.
    """
    from cli.landing.listing import listed

    rows = listed(live_environment(env), source, day.date() if day else None, limit)
    columns = ["source", "day", "file", "bytes", "uploaded", "state"]
    print_rows("landing", columns, rows, as_json=as_json, right=["bytes"])
