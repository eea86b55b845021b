"""`lakehouse schemas …`: JSON Schemas of the fact files, for editors."""

from __future__ import annotations

import typer

schemas = typer.Typer(help="The shapes of the fact files.", no_args_is_help=True)


@schemas.command("export")
def export() -> None:
    """Write a JSON Schema per kind of fact, made from its model, where the editor's settings look for it."""
    from cli.project.export import export as write
    from lakehouse.project import project_root

    for path in write(project_root()):
        typer.echo(str(path.relative_to(project_root())))
