"""A real Airflow, and a project for tests of DAGs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lakehouse.project import project_root
from tests.mwaa_dags.real_airflow import Airflow, lay_out, missing
from tests.project_marker import mark


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with environments and without pipelines."""
    mark(tmp_path)
    (tmp_path / "environments").symlink_to(project_root() / "environments")
    return tmp_path


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Airflow]:
    """Makes an Airflow with a home and DAG folder of its own. Skips, or on CI fails, where it is missing."""

    def make(version: str) -> Airflow:
        if hint := missing(version):
            (pytest.fail if os.environ.get("CI") else pytest.skip)(hint)
        folder = tmp_path_factory.mktemp(f"airflow-{version}")
        (folder / "home").mkdir()
        return Airflow(version, folder / "home", lay_out(folder / "dags"))

    return make
