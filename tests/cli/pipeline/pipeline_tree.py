"""A copy of the project to make pipelines in, and calls of the commands on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cli.pipeline.new import add_to_project
from cli.pipeline.template import PipelineRecord, TemplateKind, render
from cli.pipeline.template_answers import extra_answers
from lakehouse.project import project_root
from tests.cli.calls import Answer, Call
from tests.project_marker import copy_project

ROOT = project_root()
KINDS = ("batch", "metadata", "python", "streaming")


@dataclass
class Tree:
    """A copy of the project's facts, and the command that is called on it."""

    root: Path
    lakehouse: Call

    def pipeline(self, verb: str, *arguments: str) -> Answer:
        project = () if verb == "detect" else ("--project", str(self.root))
        return self.lakehouse("pipeline", verb, *arguments, *project)

    def new(self, name: str, kind: str, *options: str) -> Answer:
        return self.pipeline("new", name, "--kind", kind, *options)

    def add(self, name: str, kind: TemplateKind, template: Path | None = None) -> None:
        """Adds a pipeline that reads silver.orders or the first topic, without the checks of `new`."""
        files = _of_the_platform(name, kind) if template is None else _rendered(name, kind, template)
        add_to_project(self.root, files)

    def faults(self, name: str) -> list[dict[str, Any]]:
        faults: list[dict[str, Any]] = json.loads(self.pipeline("validate", name, "--json").out)
        return faults

    def files(self) -> dict[str, bytes]:
        """Path → content of every file."""
        return {
            p.relative_to(self.root).as_posix(): p.read_bytes()
            for p in sorted(self.root.rglob("*"))
            if p.is_file()
        }

    def change(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert old in text
        self.write(path, text.replace(old, new, 1))

    def config(self, name: str, change: Callable[[dict[str, Any]], None]) -> None:
        path = f"pipelines/{name}/config.json"
        document = json.loads(self.read(path))
        change(document)
        self.write(path, json.dumps(document, indent=1))

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")


@cache
def _of_the_platform(name: str, kind: TemplateKind) -> PipelineRecord:
    return _rendered(name, kind, None)


def _rendered(name: str, kind: TemplateKind, template: Path | None) -> PipelineRecord:
    """The files of a pipeline; a copy of the project gives the answers that the project gives."""
    reads = None if kind == "streaming" else "silver.orders"
    return render(name, kind, template, extra_answers(ROOT, name, kind, reads))


def copied(root: Path, lakehouse: Call) -> Tree:
    return Tree(copy_project(root), lakehouse)


def error_text(answer: Answer) -> str:
    """The text of stderr on one line, without the box that typer draws around it."""
    return " ".join(answer.err.replace("│", " ").split())


class Later:
    """A template that can be given a later version, and a pipeline that was made of its first."""

    def __init__(self, tree: Tree, folder: Path) -> None:
        self.tree, self.folder = tree, folder
        tree.add("sales", "batch", folder)

    def change(self, path: str, old: str, new: str) -> None:
        file = self.folder / "batch" / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def update(self, *options: str) -> Answer:
        return self.tree.pipeline("update", "sales", "--template", str(self.folder), *options)
