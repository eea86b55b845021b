"""Projects in folders of their own.

One is empty, for trees that tests write by hand; one is a copy of this project.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from lakehouse.project import MARKER, project_root

ENVIRONMENTS = ("local", "dev", "staging", "prod")


def mark(root: Path, environments: tuple[str, ...] = ENVIRONMENTS) -> Path:
    """Writes lakehouse.yml into `root`, which it returns."""
    root.mkdir(parents=True, exist_ok=True)
    text = (
        f"name: lakehouse\nrequires: lakehouse-platform>=1.0,<2\nenvironments: [{', '.join(environments)}]\n"
        "owner: loyalty\n"
    )
    (root / MARKER).write_text(text, encoding="utf-8")
    return root


# The folders of a project that hold facts, SQL and the team's own functions.
FACT_ROOMS = ("environments", "schemas", "pipelines", "lakeformation")


def copy_project(root: Path) -> Path:
    """Copies this project's facts into `root`, which it returns."""
    source = project_root()
    root.mkdir(parents=True, exist_ok=True)
    shutil.copy(source / MARKER, root / MARKER)
    for room in FACT_ROOMS:
        shutil.copytree(source / room, root / room, ignore=shutil.ignore_patterns("__pycache__"))
    return root
