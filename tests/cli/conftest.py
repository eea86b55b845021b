"""Fixtures of the commands' tests. None of them touches a world."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calls import Call
from tests.cli.pipeline.pipeline_tree import Tree, copied


@pytest.fixture
def no_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever runs on this machine, these tests do not find it."""
    monkeypatch.setenv("LAKEHOUSE_OVERLAY", str(tmp_path / "nowhere.json"))


@pytest.fixture
def tree(tmp_path: Path, lakehouse: Call) -> Tree:
    return copied(tmp_path / "tree", lakehouse)
