"""Asks before a command changes something: `--yes` answers for machines, `--dry-run` only shows the plan."""

from __future__ import annotations

from typing import Annotated

import typer

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; for machines.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")]


def agreed(question: str, *, yes: bool, dry_run: bool) -> bool:
    """Whether the command is to go on. A dry run says that nothing was done."""
    if dry_run:
        typer.echo("nothing was done: this was a dry run")
        return False
    if yes or typer.confirm(question):
        return True
    typer.echo("nothing was done")
    return False
