"""A copy of this project that is built without an index."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra.build import packages
from tests.infra.build.example_wheels import example_wheels
from tests.infra.job_parts import copied


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of this tree, younger than it in every file, as of a new checkout."""
    root = copied(tmp_path / "tree")
    for path in root.rglob("*"):
        os.utime(path, (1_900_000_000, 1_900_000_000))
    return root


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No package is fetched: the index is somebody else's. What it was asked for is noted."""
    downloads: list[str] = []

    def download(lines: str, target: packages.Target, folder: Path) -> list[Path]:
        downloads.append(target.python)
        return example_wheels(folder)

    monkeypatch.setattr(packages, "download", download)
    monkeypatch.setattr(
        packages, "requirements", lambda target: f"alpha-beta==2.1\nzeta==1.0\n# {target.python}\n"
    )
    return downloads
