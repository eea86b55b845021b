"""`lakehouse build`: what is deployed with the stack, made from this tree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.common import Json
from lakehouse.project import project_root

Out = Annotated[
    Path | None,
    typer.Option("--out", help="The folder to build into; .build/ by default, where the stack looks."),
]


def build(out: Out = None, as_json: Json = False) -> None:
    """Build the engine, the bundle, the functions and the DAG folder: the same bytes from the same tree.

    They are the same for every environment, so no environment is asked for. What has not changed is not
    made again.
    """
    from infra.build.make import BuiltPart, build

    def show(part: BuiltPart) -> None:
        if not as_json:
            typer.echo(f"{'built' if part.fresh else 'kept '}  {part.sha256[:12]}  {part.path}")

    parts = build(project_root(), out.resolve() if out else None, show)
    if as_json:
        typer.echo(json.dumps([{"path": p.path, "sha256": p.sha256, "built": p.fresh} for p in parts]))
