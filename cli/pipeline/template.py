"""What the template makes of a name and a kind, and what it made of them before: the file that later versions
are merged by.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from lakehouse.platform_files import platform_file
from lakehouse.reading.check import check
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import read_yaml

# Beside a pipeline's own files; no reader of facts opens what begins with a dot.
RECORD = ".template.yml"
HEADER = (
    "# What the template made; `lakehouse pipeline update` merges its later versions by it. "
    "Not for editing.\n"
)
# Of nothing else may an update make a file.
File = Annotated[
    str,
    Field(
        pattern=r"^(pipelines/[a-z][a-z0-9_]*(/\w[\w.-]*)+|schemas/(bronze|silver|gold)/[a-z]\w*\.(schema\.json|dq\.yml))$"
    ),
]
# lakehouse-staging-job-<name>_setup is the name of a role, and IAM takes 64 characters.
NAME = r"[a-z][a-z0-9_]{0,31}"
Name = Annotated[str, Field(pattern=f"^{NAME}$")]


TemplateKind = Literal["streaming", "batch", "metadata", "python"]


class Made(BaseModel):
    """A pipeline as its template made it: path from the project's root → text."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Name
    kind: TemplateKind
    # The table that the template of kind python reads.
    reads: str | None = None
    files: dict[File, str]

    @model_validator(mode="after")
    def _own_folder(self) -> Made:
        others = [
            p
            for p in self.files
            if p.startswith("pipelines/") and not p.startswith(f"pipelines/{self.name}/")
        ]
        if others:
            raise ValueError(f"files below pipelines/{self.name}/, and not {others[0]}")
        return self

    @property
    def record(self) -> str:
        return f"pipelines/{self.name}/{RECORD}"

    def text(self) -> str:
        """The record itself, with each file as a block of its lines."""
        return HEADER + yaml.dump(
            self.model_dump(exclude_none=True),
            Dumper=_Blocks,
            sort_keys=False,
            allow_unicode=True,
            width=1000,
        )


class _Blocks(yaml.SafeDumper):
    """Shows a text of several lines as its lines."""


_Blocks.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    ),
)


def named(name: str) -> str:
    """The name of a new pipeline, table and jobs. Raises BadParameter for what is none."""
    if not re.fullmatch(NAME, name):
        shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in name[:60])
        raise typer.BadParameter(
            f"'{shown}' is no name; "
            "wanted lower-case letters, digits and _, beginning with a letter, at most 32"
        )
    return name


def render(
    name: str, kind: TemplateKind, template: Path | None = None, extra: Mapping[str, Any] | None = None
) -> Made:
    """The files that the newest version of the template makes; `extra` are the answers of `extra_answers`."""
    copier = with_copier()
    from jinja2 import TemplateError

    source = template or platform_file("templates/pipeline")
    if not (source / "copier.yml").is_file():
        raise typer.BadParameter(f"{source} is no template: it has no copier.yml")
    answers: dict[str, Any] = {"name": name, "kind": kind, **(extra or {})}
    try:
        with tempfile.TemporaryDirectory() as folder:
            copier.run_copy(str(source), folder, data=answers, defaults=True, quiet=True)
            return Made(name=name, kind=kind, reads=answers.get("reads"), files=files_below(Path(folder)))
    except (copier.errors.CopierError, TemplateError, ValueError) as e:
        raise typer.BadParameter(f"the template of a {kind} pipeline cannot be taken: {e}") from e


def files_below(folder: Path) -> dict[str, str]:
    """Path → text; without what begins with a dot, which is copier's and git's."""
    found = sorted(
        p for p in folder.rglob("*") if p.is_file() and not p.relative_to(folder).parts[0].startswith(".")
    )
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in found}


def read_made(root: Path, name: str) -> Made | None:
    """What a pipeline was made as; None for one that no template made.

    Raises FaultsError for a record that is broken.
    """
    file = root / "pipelines" / name / RECORD
    if not file.is_file():
        return None
    faults = Collector(root)
    located = read_yaml(file, faults)
    found = check(Made, located, faults) if located else None
    if found and located and found.name != name:
        faults.add(
            "LK201",
            f"name '{found.name}' is not this folder's",
            file=file,
            at=located.at(("name",)),
            wanted=name,
            value=found.name,
        )
    faults.raise_if_any()
    return found


def with_copier() -> Any:
    """copier, which only this machine needs: no run on AWS does."""
    try:
        import copier
        import copier.errors
    except ImportError as e:
        raise typer.BadParameter("copier is not installed; `uv sync` of the checkout brings it") from e
    return copier
