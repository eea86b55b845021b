from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.mwaa_dags.real_airflow import Airflow, lay_out, missing


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Airflow]:
    """A home and a DAG folder of that version's own. Where that Airflow is missing the test is skipped, and on CI fails."""

    def make(version: str) -> Airflow:
        if said := missing(version):
            (pytest.fail if os.environ.get("CI") else pytest.skip)(said)
        place = tmp_path_factory.mktemp(f"airflow-{version}")
        (place / "home").mkdir()
        return Airflow(version, place / "home", lay_out(place / "dags"))

    return make
