"""`lakehouse forget` and `lakehouse pii`: what is done with the data of persons."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.common import EnvName
from cli.operations.ask import DryRun, Yes

pii = typer.Typer(help="Personal data.", no_args_is_help=True)

# The work is imported by the commands: it loads Spark's packages, which the other commands do not need.


@pii.callback()
def _commands() -> None:
    """Keeps `rotate` a command of its own while it is the only one."""


@pii.command("rotate")
def rotate(
    env: EnvName,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Replace the masking key, and every hash of silver and gold by the new key's hash of the same value.

    Until it is done no run masks, so stop streams first. Killed half-way, it goes on when it is started
    again.
    """
    from cli.personal_data.rotate import rotate_key

    rotate_key(env, yes=yes, dry_run=dry_run)


def forget(
    env: EnvName,
    subject: Annotated[str, typer.Option(help="Whom: <column>=<value>, such as customer_id=4711.")],
    yes: Yes = False,
    dry_run: DryRun = False,
    delete_files: Annotated[
        bool,
        typer.Option(
            "--delete-files", help="Delete files whole that may hold the person and cannot be rewritten."
        ),
    ] = False,
    may_return: Annotated[
        bool,
        typer.Option(
            "--may-return", help="They may come again, as a new customer: jobs go on taking their rows."
        ),
    ] = False,
) -> None:
    """Erase a person from the lake, warehouses, the Lakebase and the second region, old versions too.

    From then on no job takes a row of theirs, be it sent or replayed again, unless they may return. What
    cannot be erased, such as sources and backups, is named in the certificate with its last day. Killed
    half-way, it goes on when it is started again.
    """
    from cli.personal_data.forget import forget_person

    forget_person(env, subject, yes=yes, dry_run=dry_run, delete_files=delete_files, may_return=may_return)
