"""The project's bundle: the files of a project that a job or a DAG reads."""

from __future__ import annotations

from pathlib import Path

from infra.build.archive import folder_entries
from lakehouse.pipelines.reader import read_pipelines
from lakehouse.project import MARKER, Project
from lakehouse.reading.faults import Collector

TESTS = "tests"


def bundle_entries(root: Path) -> dict[str, bytes | Path]:
    """What a Glue job reads, by its path: fact files, SQL, templates and the team's functions."""
    project = Project(root.resolve())
    return _project_files(project, (project.environments, project.schemas, project.pipelines, project.access))


def dag_project_entries(root: Path) -> dict[str, bytes | Path]:
    """What the DAGs read. Transforms are among it as text: their parameters say which tables a job reads."""
    project = Project(root.resolve())
    return _project_files(project, (project.environments, project.schemas, project.pipelines))


def _project_files(project: Project, folders: tuple[Path, ...]) -> dict[str, bytes | Path]:
    """The marker, the folders without their tests, and files elsewhere that a pipeline names."""
    names = [folder.relative_to(project.root).as_posix() for folder in folders]
    entries: dict[str, bytes | Path] = {MARKER: project.root / MARKER}
    for name in names:
        files = folder_entries(project.root, name)
        entries |= {path: file for path, file in files.items() if TESTS not in path.split("/")}
    return entries | _named_elsewhere(project, names)


def _named_elsewhere(project: Project, folders: list[str]) -> dict[str, bytes | Path]:
    """A row may name a file at the project's root, such as SQL that several pipelines share.

    Faults of the pipelines are reported before anything is built, so they are not collected here.
    """
    pipelines = read_pipelines(Collector(project.root))
    named = {proc.file for p in pipelines.values() for job in p.jobs for proc in job.procs if proc.file}
    outside = sorted(file for file in named if file.split("/")[0] not in folders)
    return {file: project.root / file for file in outside if (project.root / file).is_file()}
