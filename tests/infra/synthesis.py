"""Stacks that all tests of a run share: each is synthesized once, by the worker that needs it first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock

from infra.app import synth
from infra.facts import Facts, read_facts
from lakehouse.project import MARKER, Project

# A builder writes the stack of some facts into an empty folder, and answers the folder of its cdk.tf.json.
Builder = Callable[[Facts, Path], Path]
_shared: list[Path] = []


def share(folder: Path) -> None:
    """Keep stacks in `folder`, which all workers of the run see."""
    folder.mkdir(parents=True, exist_ok=True)
    _shared[:] = [folder]


def whole_stack(env: str, root: Path | None = None) -> Path:
    """The folder of an environment's whole stack; of this project, or of the one at `root`."""
    return synthesized_once("whole", synth, env, root)


def synthesized_once(kind: str, build: Builder, env: str, root: Path | None = None) -> Path:
    """The folder of the stack that `build` makes. `kind` names the builder."""
    root = root or Project.find().root
    return _synthesized_once(kind, build, env, root, _digest(root))


@cache
def document(stack: Path) -> dict[str, Any]:
    """The content of a stack's cdk.tf.json. Tests read it and do not change it."""
    content: dict[str, Any] = json.loads((stack / "cdk.tf.json").read_text(encoding="utf-8"))
    return content


@cache
def _synthesized_once(kind: str, build: Builder, env: str, root: Path, digest: str) -> Path:
    (shared,) = _shared
    # The root too: paths of artifacts in a stack are relative to it.
    key = hashlib.sha256(f"{root} {digest}".encode()).hexdigest()[:12]
    folder = shared / f"{kind}-{env}-{key}"
    written = folder.with_suffix(".path")
    with FileLock(folder.with_suffix(".lock")):
        if not written.exists():
            written.write_text(str(build(read_facts(env, root), folder).resolve()))
    return Path(written.read_text())


def _digest(root: Path) -> str:
    """SHA-256 of every fact file of a project."""
    project = Project(root)
    folders = (project.environments, project.schemas, project.pipelines, project.access)
    files = [root / MARKER, *(file for folder in folders for file in sorted(folder.rglob("*")))]
    digest = hashlib.sha256()
    for file in files:
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(root)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()
