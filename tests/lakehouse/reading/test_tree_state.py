"""What was read of a project's files holds until one of them changes, comes or goes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lakehouse.reading.tree_state import state_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "schemas/gold").mkdir(parents=True)
    (tmp_path / "schemas/gold/a.yml").write_text("one")
    (tmp_path / "lakehouse.yml").write_text("name: x")
    return tmp_path


def state(root: Path) -> object:
    return state_of(root, ("schemas", "lakehouse.yml"))


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "schemas/gold/a.yml").write_text("longer"),
        lambda root: os.utime(root / "schemas/gold/a.yml", ns=(1, 1)),
        lambda root: (root / "schemas/gold/b.yml").write_text("new"),
        lambda root: (root / "schemas/gold/a.yml").unlink(),
        lambda root: (root / "lakehouse.yml").write_text("name: another"),
    ],
    ids=["size", "time", "added", "removed", "settings"],
)
def test_a_change_of_a_file_is_another_state(root: Path, change: Callable[[Path], object]) -> None:
    before = state(root)
    assert state(root) == before
    change(root)
    assert state(root) != before


def test_files_elsewhere_and_compiled_ones_change_nothing(root: Path) -> None:
    before = state(root)
    (root / "README.md").write_text("text")
    (root / "schemas/__pycache__").mkdir()
    (root / "schemas/__pycache__/a.pyc").write_text("code")
    assert state(root) == before


def test_what_is_missing_has_no_state(tmp_path: Path) -> None:
    assert state_of(tmp_path, ("schemas", "lakehouse.yml")) == ()
