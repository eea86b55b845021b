"""`lakehouse init`: a project of a team's own, made from templates/project."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from cli.pipeline.template import with_copier
from lakehouse import __version__
from lakehouse.platform_files import platform_file
from lakehouse.project import MARKER, EnvironmentName, ProjectName

LOCAL = "local"
MAX_ENVIRONMENTS = 8
NAME_SHAPE = "3 to 16 lower-case letters and digits, beginning with a letter"
ENVIRONMENT_SHAPE = "lower-case letters, digits and single dashes, beginning with a letter, at most 16"


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder to make. It may exist and be empty.")
    ],
    name: Annotated[str | None, typer.Option(help=f"Name of the project: {NAME_SHAPE}.")] = None,
    environments: Annotated[
        str | None,
        typer.Option(
            help="Environments on AWS, parted by commas: test,prod-eu. `local` is made beside them."
        ),
    ] = None,
) -> None:
    """Make a project of a team's own, which works as it is.

    It has environments, contracts, suites, a pipeline, grants, sample data, tests and workflows.

    It asks for a name and for environments that are not given. Exit code 2, and nothing written, when the
    folder holds anything or a name cannot be used.
    """
    target = folder.resolve()
    faults = [*_faults(lambda: _require_empty(target)), *_missing(name, environments)]
    faults += [*_faults(lambda: _checked_name(name))] if name else []
    faults += [*_faults(lambda: _checked_environments(environments))] if environments else []
    if faults:
        raise typer.BadParameter("; ".join(faults))
    project = _checked_name(name or typer.prompt("Name of the project", default=_suggestion(target)))
    deployed = _checked_environments(environments or typer.prompt("Environments on AWS", default="dev"))
    render_project(target, project, deployed)
    typer.echo(f"made: {project} in {folder}, with the environments {', '.join((LOCAL, *deployed))}. Next:")
    typer.echo(f"  cd {folder}\n  make setup\n  lakehouse validate\n  lakehouse demo")


def render_project(target: Path, name: str, deployed: list[str]) -> None:
    """Writes the template's files into the folder. Raises BadParameter when copier cannot."""
    copier = with_copier()
    from jinja2 import TemplateError

    answers = {"name": name, "deployed": deployed, "platform": _major_minor(__version__)}
    try:
        copier.run_copy(
            str(platform_file("templates/project")), str(target), data=answers, defaults=True, quiet=True
        )
    except (copier.errors.CopierError, TemplateError, ValueError, OSError) as error:
        raise typer.BadParameter(f"the project cannot be made: {error}") from error


def _major_minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _require_empty(target: Path) -> None:
    if (target / MARKER).exists():
        raise typer.BadParameter(f"{target} holds a project already: {MARKER}")
    if target.exists() and not target.is_dir():
        raise typer.BadParameter(f"{target} is a file, not a folder")
    # A new repository holds .git, and nothing else.
    content = sorted(path.name for path in target.iterdir() if path.name != ".git") if target.exists() else []
    if content:
        raise typer.BadParameter(f"{target} is not empty: it holds {content[0]}")


def _suggestion(target: Path) -> str:
    letters = re.sub(r"[^a-z0-9]", "", target.name.lower()).lstrip("0123456789")[:16]
    return letters if len(letters) >= 3 else "lakehouse"


def _missing(name: str | None, environments: str | None) -> Iterator[str]:
    """What nobody can be asked for."""
    options = {"--name": name, "--environments": environments}
    missing = [option for option, value in options.items() if not value]
    if missing and not sys.stdin.isatty():
        verb = "are" if len(missing) > 1 else "is"
        yield f"{' and '.join(missing)} {verb} missing, and there is no terminal to ask at"


def _faults(check: Callable[[], object]) -> Iterator[str]:
    """What a check says against an answer, so that all faults are shown at once."""
    try:
        check()
    except typer.BadParameter as fault:
        yield str(fault)


def _checked_name(name: str) -> str:
    return _checked(TypeAdapter(ProjectName), name, "name of a project", NAME_SHAPE)


def _checked_environments(names: str) -> list[str]:
    deployed = [name.strip() for name in names.split(",") if name.strip()]
    if LOCAL in deployed:
        raise typer.BadParameter(f"'{LOCAL}' is made anyway: name the environments on AWS only")
    if len(set(deployed)) < len(deployed) or not 1 <= len(deployed) <= MAX_ENVIRONMENTS:
        raise typer.BadParameter(f"name 1 to {MAX_ENVIRONMENTS} environments, each once, parted by commas")
    adapter = TypeAdapter(EnvironmentName)
    return [_checked(adapter, name, "name of an environment", ENVIRONMENT_SHAPE) for name in deployed]


def _checked(adapter: TypeAdapter[str], text: str, noun: str, shape: str) -> str:
    try:
        return adapter.validate_python(text)
    except ValidationError:
        raise typer.BadParameter(f"'{text[:60]}' is no {noun}; wanted {shape}") from None
