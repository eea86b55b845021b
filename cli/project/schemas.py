"""`lakehouse schemas …`: JSON Schemas of the fact files, for editors."""

from __future__ import annotations

import typer

from cli.project.generated import Check, write_or_check

schemas = typer.Typer(help="The shapes of the fact files.", no_args_is_help=True)


@schemas.command("export")
def export(check: Check = False) -> None:
    """Write a JSON Schema per kind of fact, made from its model, where the editor's settings look for it."""
    from cli.project.export import schema_texts
    from lakehouse.project import project_root

    write_or_check(project_root(), schema_texts(), "lakehouse schemas export", check=check)
