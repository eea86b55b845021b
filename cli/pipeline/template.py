"""Renders the files of a new pipeline from its template, and keeps a record of them: the file that
`lakehouse pipeline update` merges later versions by.
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

# In the pipeline's folder; no reader of facts opens a file whose name begins with a dot.
RECORD = ".template.yml"
HEADER = (
    "# What the template made; `lakehouse pipeline update` merges its later versions by it. "
    "Not for editing.\n"
)
# An update writes no other file.
File = Annotated[
    str,
    Field(
        pattern=(
            r"^(pipelines/[a-z][a-z0-9_]*(/\w[\w.-]*)+"
            r"|schemas/(bronze|silver|gold)/[a-z]\w*\.(schema\.json|dq\.yml))$"
        )
    ),
]
# lakehouse-staging-job-<name>_setup is the name of a role, and IAM takes 64 characters.
NAME = r"[a-z][a-z0-9_]{0,31}"
Name = Annotated[str, Field(pattern=f"^{NAME}$")]


TemplateKind = Literal["streaming", "batch", "metadata", "python"]


class PipelineRecord(BaseModel):
    """What the template rendered for a pipeline: the answers, and path from the project's root → text."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Name
    kind: TemplateKind
    # The answers beside name and kind, as the project gave them when the pipeline was made.
    answers: dict[str, Any] = {}
    # Records without answers name the table that the template of kind python reads.
    reads: str | None = None
    files: dict[File, str]

    @model_validator(mode="after")
    def _check_folder(self) -> PipelineRecord:
        outside = [
            p
            for p in self.files
            if p.startswith("pipelines/") and not p.startswith(f"pipelines/{self.name}/")
        ]
        if outside:
            raise ValueError(f"files below pipelines/{self.name}/, and not {outside[0]}")
        return self

    @property
    def path(self) -> str:
        """Path of the record from the project's root."""
        return f"pipelines/{self.name}/{RECORD}"

    def text(self) -> str:
        """The record as YAML, with each file as a block of its lines."""
        return HEADER + yaml.dump(
            self.model_dump(exclude_none=True, exclude_defaults=True),
            Dumper=_Blocks,
            sort_keys=False,
            allow_unicode=True,
            width=1000,
        )


class _Blocks(yaml.SafeDumper):
    """Writes a text of several lines as its lines."""


_Blocks.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    ),
)


def require_valid_name(name: str) -> str:
    """The name, for a new pipeline, its table and its jobs. Raises BadParameter for one of another shape."""
    if not re.fullmatch(NAME, name):
        shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in name[:60])
        raise typer.BadParameter(
            f"'{shown}' is no name; "
            "wanted lower-case letters, digits and _, beginning with a letter, at most 32"
        )
    return name


def render(
    name: str, kind: TemplateKind, template: Path | None, answers: Mapping[str, Any]
) -> PipelineRecord:
    """The files of the template for these answers; `template` None is the platform's own.

    Raises BadParameter for a template that cannot be rendered.
    """
    copier = with_copier()
    from jinja2 import TemplateError

    source = template or platform_file("templates/pipeline")
    if not (source / "copier.yml").is_file():
        raise typer.BadParameter(f"{source} is no template: it has no copier.yml")
    data = {"name": name, "kind": kind, **answers}
    try:
        with tempfile.TemporaryDirectory() as folder:
            copier.run_copy(str(source), folder, data=data, defaults=True, quiet=True)
            return PipelineRecord(
                name=name, kind=kind, answers=dict(answers), files=files_below(Path(folder))
            )
    except (copier.errors.CopierError, TemplateError, ValueError) as e:
        raise typer.BadParameter(f"the template of a {kind} pipeline cannot be taken: {e}") from e


def files_below(folder: Path) -> dict[str, str]:
    """Path → text, without the files of copier and git, whose names begin with a dot."""
    files = sorted(
        p for p in folder.rglob("*") if p.is_file() and not p.relative_to(folder).parts[0].startswith(".")
    )
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in files}


def read_record(root: Path, name: str) -> PipelineRecord | None:
    """The record of a pipeline; None for one that no template made.

    Raises FaultsError for a record that is broken.
    """
    file = root / "pipelines" / name / RECORD
    if not file.is_file():
        return None
    faults = Collector(root)
    located = read_yaml(file, faults)
    record = check(PipelineRecord, located, faults) if located else None
    if record and located and record.name != name:
        faults.add(
            "LK201",
            f"name '{record.name}' is not this folder's",
            file=file,
            at=located.at(("name",)),
            wanted=name,
            value=record.name,
        )
    faults.raise_if_any()
    return record


def is_from_template(root: Path, pipeline: str) -> bool:
    """True for a pipeline that `lakehouse pipeline new` made."""
    return (root / "pipelines" / pipeline / RECORD).is_file()


def with_copier() -> Any:
    """The module copier, which is installed on developers' machines only.

    Raises BadParameter where it is missing.
    """
    try:
        import copier
        import copier.errors
    except ImportError as e:
        raise typer.BadParameter("copier is not installed; `uv sync` of the checkout brings it") from e
    return copier
