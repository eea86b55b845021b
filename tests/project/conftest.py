"""The second project, once for the folder: its steps build on one another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.project.second_project import SecondProject, make_project


@pytest.fixture(scope="package")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecondProject]:
    project = make_project(tmp_path_factory.mktemp("team") / "riverside")
    yield project
    project.command("lakehouse", "local", "down")
