"""Makes a new pipeline: renders it in a temporary folder, checks it with the whole project, then adds it."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from cli.pipeline.template import PipelineRecord, TemplateKind, render
from cli.pipeline.template_answers import extra_answers
from cli.project.tree import Tree, read_tree
from lakehouse.project import MARKER
from lakehouse.reading.faults import FaultsError

ROOMS = ("environments", "schemas", "pipelines", "lakeformation")


@dataclass(frozen=True)
class NewPipeline:
    """What the command asks for: name, kind, and the table or topic to read; None lets the project choose."""

    name: str
    kind: TemplateKind
    reads: str | None = None
    topic: str | None = None
    template: Path | None = None


def create(root: Path, new: NewPipeline) -> PipelineRecord:
    """Adds the pipeline to the project at `root`.

    Raises BadParameter for a name that is taken, and FaultsError when the project would have more faults
    with it; then nothing is written.
    """
    if not (root / "pipelines").is_dir():
        raise typer.BadParameter(f"{root} holds no pipelines/")
    name, answers = new.name, extra_answers(root, new.name, new.kind, new.reads, new.topic)
    before, record = read_tree(root), render(name, new.kind, new.template, answers)
    taken = [f"{path} is there already" for path in _existing(before.root, record)]
    if taken:
        raise typer.BadParameter(f"'{name}' is taken: {'; '.join(taken)}")
    after = _read_with(before, record)
    if clashes := _clashes(before, after, name):
        raise typer.BadParameter(f"'{name}' is taken: {'; '.join(clashes)}")
    if worse := [f for f in after.faults if f not in before.faults]:
        raise FaultsError(worse)
    add_to_project(before.root, record)
    return record


def _existing(root: Path, record: PipelineRecord) -> list[str]:
    """The pipeline's folder and the files outside it that exist already."""
    folder = f"pipelines/{record.name}"
    paths = (folder, *(p for p in record.files if not p.startswith(f"{folder}/")))
    return [path for path in paths if (root / path).exists()]


def _read_with(before: Tree, record: PipelineRecord) -> Tree:
    """The project as it would be with the pipeline, read from a temporary copy."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder).resolve()
        if (before.root / MARKER).is_file():
            shutil.copy(before.root / MARKER, copy / MARKER)
        for room in ROOMS:
            if (before.root / room).is_dir():
                shutil.copytree(
                    before.root / room, copy / room, ignore=shutil.ignore_patterns("__pycache__", ".*")
                )
        missing = {p.file for j in before.jobs for p in j.procs if p.file and not (copy / p.file).exists()}
        for file in missing:
            (copy / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(before.root / file, copy / file)
        for path, text in record.files.items():
            _write(copy / path, text)
        return read_tree(copy)


def _clashes(before: Tree, after: Tree, name: str) -> list[str]:
    """Jobs and DAGs that another pipeline has by the same name."""
    jobs = after.pipelines[name].jobs if name in after.pipelines else ()
    clashes = []
    for job in jobs:
        other = next((j for j in before.jobs if j.name == job.name), None)
        if other:
            clashes.append(f"'{job.name}' is a job of pipeline '{other.pipeline}'")
    dags = {p.dag_id for j in jobs for p in j.procs}
    homes = {p.dag_id: j.pipeline for j in before.jobs for p in j.procs if p.dag_id in dags}
    return [*clashes, *(f"'{dag}' is a DAG of pipeline '{home}'" for dag, home in homes.items())]


def add_to_project(root: Path, record: PipelineRecord) -> None:
    """Writes the files of a template, and the record of them, into the project, or none."""
    add_files(root, record.name, {**record.files, record.path: record.text()})


def add_files(root: Path, name: str, files: Mapping[str, str]) -> None:
    """Writes all files of a new pipeline (path → text) into the project, or none.

    The pipeline's folder comes last, by one rename: without it, none of the other files has an effect. Raises
    BadParameter where one of them exists.
    """
    folder = root / "pipelines" / name
    staging = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=root / "pipelines"))
    staging.chmod(0o755)
    written: list[Path] = []
    try:
        for path, text in files.items():
            if (root / path).is_relative_to(folder):
                _write(staging / Path(path).relative_to(f"pipelines/{name}"), text)
            else:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                with (root / path).open("x", encoding="utf-8") as file:
                    written.append(root / path)
                    file.write(text)
        staging.rename(folder)
    except BaseException as error:
        for file_ in written:
            file_.unlink(missing_ok=True)
        shutil.rmtree(staging, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in (errno.EEXIST, errno.ENOTEMPTY):
            raise typer.BadParameter(
                f"'{name}' was taken by another while it was made: {error.filename2 or error.filename}"
            ) from error
        raise


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
