"""A later version of the template, merged into a pipeline by copier, with what its people have changed since.

copier merges by git: two commits of the template and a clean checkout of what was made. A pipeline's own
folder knows what the template made of it, so both are built for the moment. The project needs no tag, no
history and no clean tree, and it is the same from a checkout and from a wheel.
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

from cli.pipeline.template import Made, files_below, render, with_copier
from cli.pipeline.template_input import extra_answers
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


def bring(root: Path, made: Made, template: Path | None = None) -> Updated:
    """Writes what the newest template adds and changes.

    What people changed stays; where both did, the file shows it.
    """
    source = template or platform_file("templates/pipeline")
    extra = extra_answers(root, made.kind, made.reads)
    newest = render(made.name, made.kind, source, extra)
    if newest == made:
        return Updated()
    mine = {
        path: (root / path).read_text(encoding="utf-8")
        for path in {*made.files, *newest.files}
        if (root / path).is_file()
    }
    merged = _merged(made, mine, source, extra)
    changed = tuple(path for path, text in merged.items() if mine.get(path) != text)
    gone = [path for path in sorted(mine) if path not in merged]
    # copier would take them all.
    removed = tuple(path for path in gone if mine[path] == made.files.get(path))
    kept = tuple(path for path in gone if path not in removed)
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(merged[path], encoding="utf-8")
    for path in removed:
        (root / path).unlink()
    (root / made.record).write_text(newest.text(), encoding="utf-8")
    return Updated(changed, removed, kept, tuple(path for path in changed if MARK in merged[path]))


def _merged(made: Made, mine: dict[str, str], source: Path, extra: dict[str, Any]) -> dict[str, str]:
    copier = with_copier()
    with tempfile.TemporaryDirectory() as folder:
        old_and_new, project = Path(folder) / "template", Path(folder) / "project"
        _commit(old_and_new, {**made.files, "copier.yml": "{}\n"}, "1")
        for path in old_and_new.iterdir():
            if path.name != ".git":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(source, old_and_new, dirs_exist_ok=True)
        _commit(old_and_new, {}, "2")
        own = {"name": made.name, "kind": made.kind, **extra}
        answers = {"_src_path": str(old_and_new), "_commit": "1", **own}
        _commit(project, {**mine, ANSWERS: yaml.safe_dump(answers)}, "mine")
        copier.run_update(
            str(project), defaults=True, overwrite=True, quiet=True, conflict="inline", vcs_ref="2"
        )
        return files_below(project)


def _commit(folder: Path, files: dict[str, str], tag: str) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    # Whatever this machine's git is told to do with commits, these are of a moment.
    own = (
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
            subprocess.run(["git", *own, *words], cwd=folder, check=True, capture_output=True, text=True)
        except FileNotFoundError as e:
            raise typer.BadParameter("git is not on the path; copier merges by it") from e
