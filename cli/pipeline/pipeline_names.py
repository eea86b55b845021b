"""The names of the project's pipelines, as arguments of commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.common import unknown
from lakehouse.pipelines.detect import folders
from lakehouse.project import project_root


def folder_names() -> list[str]:
    """The folders below pipelines/, also of pipelines that cannot be read."""
    return [folder.name for folder in folders(project_root())]


Name = Annotated[
    str, typer.Argument(help="The pipeline's folder below pipelines/.", autocompletion=folder_names)
]


def require_pipeline(name: str, root: Path) -> None:
    """Raises BadParameter, with the nearest names, for a pipeline that the project does not have."""
    names = [folder.name for folder in folders(root)]
    if name not in names:
        raise unknown("pipeline", name, names)
