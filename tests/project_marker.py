"""Marks a folder as a project, for trees that tests write by hand."""

from __future__ import annotations

from pathlib import Path

from lakehouse.project import MARKER

ENVIRONMENTS = ("local", "dev", "staging", "prod")


def mark(root: Path, environments: tuple[str, ...] = ENVIRONMENTS) -> Path:
    """Writes lakehouse.yml into `root`, which it returns."""
    root.mkdir(parents=True, exist_ok=True)
    text = (
        f"name: lakehouse\nrequires: lakehouse-platform>=1.0,<2\nenvironments: [{', '.join(environments)}]\n"
    )
    (root / MARKER).write_text(text, encoding="utf-8")
    return root
