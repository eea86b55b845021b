"""A tree to make pipelines in, and what stands in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
        where = () if verb == "detect" else ("--project", str(self.root))
        return self.lakehouse("pipeline", verb, *arguments, *where)

    def new(self, name: str, kind: str, *options: str) -> Answer:
        return self.pipeline("new", name, "--kind", kind, *options)

    def faults(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.pipeline("validate", name, "--json").out)
        return found

    def files(self) -> dict[str, bytes]:
        """Everything in it."""
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


def copied(root: Path, lakehouse: Call) -> Tree:
    return Tree(copy_project(root), lakehouse)


def said(answer: Answer) -> str:
    """What was said on stderr as one line, out of the box that typer draws around it."""
    return " ".join(answer.err.replace("│", " ").split())
