"""A copy of the templates, and a pipeline that was made of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lakehouse.project import project_root
from tests.cli.pipeline.pipeline_tree import Later, Tree


@pytest.fixture
def template(tmp_path: Path) -> Path:
    return Path(shutil.copytree(project_root() / "templates" / "pipeline", tmp_path / "template"))


@pytest.fixture
def later(tree: Tree, template: Path) -> Later:
    return Later(tree, template)
