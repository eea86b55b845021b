"""`lakehouse dr backups`: why a backup alarm rang."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.common import EnvName, Json, live_environment, print_rows
from cli.recovery.dr import dr

BACKUPS_HELP = """
Show what AWS Backup did in both regions: jobs and copies that failed, with why, the newest backup of each
control table and of the Lakebase, and whether AWS Backup is switched on for them.

Exit code 1 when something is wrong: a failed job, a backup that is older than environments promise, a
service that is switched off. Nothing is changed.

Example: lakehouse dr backups --env prod --days 3
"""


@dr.command("backups", help=BACKUPS_HELP)
def backups(
    env: EnvName,
    days: Annotated[int, typer.Option(min=1, max=30, help="Failures of so many days.")] = 2,
    as_json: Json = False,
) -> None:
    """BACKUPS_HELP is what a person reads."""
    from cli.recovery.backups import findings

    rows = findings(live_environment(env), days)
    columns = ["region", "resource", "state", "detail"]
    print_rows(f"backups of {env}", columns, [finding.row() for finding in rows], as_json=as_json)
    if any(finding.is_fault for finding in rows):
        raise typer.Exit(1)
