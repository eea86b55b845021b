"""`--project DIR`, which every command takes, before or after its own words."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cli.progress import Quiet
from lakehouse.project import MARKER, VARIABLE, WANTED, Project
from lakehouse.reading.faults import Fault, FaultsError

OPTION = "--project"
HELP = f"The project's folder, which holds {MARKER}. Without it: {VARIABLE}, or the nearest one above here."

# Typer shows it in the help of the program; `working_on` is what reads it.
ProjectFolder = Annotated[str | None, typer.Option(OPTION, metavar="DIR", help=HELP)]


def options(project: ProjectFolder = None, quiet: Quiet = False) -> None:
    """A callback that gives a program the options of every command."""


@contextmanager
def working_on(arguments: Sequence[str]) -> Iterator[list[str]]:
    """The arguments without `--project DIR`, while that folder is the project of this process.

    Raises FaultsError (LK010) when the folder is no project.
    """
    rest, folder = _split(arguments)
    if folder is None:
        yield rest
        return
    if not (Path(folder) / MARKER).is_file():
        raise FaultsError([Fault(folder or ".", 0, 0, "LK010", f"{OPTION} names no project", WANTED, folder)])
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(Path(folder).resolve())
    try:
        yield rest
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def project_environments() -> Sequence[str]:
    """Names of the project's environments, for completion and messages; none outside a project."""
    try:
        return Project.find().settings.environments
    except FaultsError:
        return ()


def _split(arguments: Sequence[str]) -> tuple[list[str], str | None]:
    """The arguments without `--project DIR`, and DIR. Words after `--` are left alone."""
    rest: list[str] = []
    folder: str | None = None
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*rest, word, *words], folder
        if word == OPTION:
            folder = next(words, "")
        elif word.startswith(f"{OPTION}="):
            folder = word.partition("=")[2]
        else:
            rest.append(word)
    return rest, folder
