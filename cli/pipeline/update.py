"""Merges a later version of the template into a pipeline by copier, and keeps the changes made since.

copier merges by git: it needs two commits of the template and a clean checkout. Both are built in a temporary
folder from the pipeline's record, so the project needs no tag, no history and no clean tree, and an installed
platform works like a checkout.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer
import yaml

from cli.pipeline.template import PipelineRecord, files_below, render, with_copier
from cli.pipeline.template_answers import extra_answers
from lakehouse.platform_files import platform_file

ANSWERS = ".copier-answers.yml"
# As copier writes it with conflict="inline".
MARK = "<<<<<<< before updating"


@dataclass(frozen=True)
class Updated:
    """Paths from the project's root; those in `conflicts` hold both versions, marked as git marks them.

    `kept` are no longer the template's, but were changed here.
    """

    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, tuple[str, ...]]:
        return asdict(self)


def merge_template(root: Path, record: PipelineRecord, template: Path | None = None) -> Updated:
    """Writes what the newest template adds and changes.

    Changes of the pipeline's own files stay; where both changed the same lines, the file shows both.
    """
    source = template or platform_file("templates/pipeline")
    answers = record.answers or extra_answers(root, record.name, record.kind, record.reads)
    newest = render(record.name, record.kind, source, answers)
    if newest == record:
        return Updated()
    mine = {
        path: (root / path).read_text(encoding="utf-8")
        for path in {*record.files, *newest.files}
        if (root / path).is_file()
    }
    merged = _merged(record, mine, source, answers)
    changed = tuple(path for path, text in merged.items() if mine.get(path) != text)
    gone = [path for path in sorted(mine) if path not in merged]
    # copier would remove them all.
    removed = tuple(path for path in gone if mine[path] == record.files.get(path))
    changed_here = tuple(path for path in gone if path not in removed)
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(merged[path], encoding="utf-8")
    for path in removed:
        (root / path).unlink()
    (root / record.path).write_text(newest.text(), encoding="utf-8")
    conflicts = tuple(path for path in changed if MARK in merged[path])
    return Updated(changed, removed, changed_here, conflicts)


def _merged(
    record: PipelineRecord, mine: dict[str, str], source: Path, answers: dict[str, Any]
) -> dict[str, str]:
    copier = with_copier()
    with tempfile.TemporaryDirectory() as folder:
        old_and_new, project = Path(folder) / "template", Path(folder) / "project"
        _commit(old_and_new, {**record.files, "copier.yml": "{}\n"}, "1")
        for path in old_and_new.iterdir():
            if path.name != ".git":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(source, old_and_new, dirs_exist_ok=True)
        _commit(old_and_new, {}, "2")
        source_answers = {"_src_path": str(old_and_new), "_commit": "1"}
        given = {**source_answers, "name": record.name, "kind": record.kind, **answers}
        _commit(project, {**mine, ANSWERS: yaml.safe_dump(given)}, "mine")
        copier.run_update(
            str(project), defaults=True, overwrite=True, quiet=True, conflict="inline", vcs_ref="2"
        )
        return files_below(project)


def _commit(folder: Path, files: dict[str, str], tag: str) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    # These commits are temporary: this machine's settings for signing and hooks do not apply.
    settings = (
        "-c",
        "user.name=lakehouse",
        "-c",
        "user.email=lakehouse@localhost",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "core.hooksPath=/dev/null",
    )
    for words in (
        ("init", "--quiet"),
        ("add", "--all", "--force"),
        ("commit", "--quiet", "--message", tag),
        ("tag", tag),
    ):
        try:
            subprocess.run(["git", *settings, *words], cwd=folder, check=True, capture_output=True, text=True)
        except FileNotFoundError as e:
            raise typer.BadParameter("git is not on the path; copier merges by it") from e
