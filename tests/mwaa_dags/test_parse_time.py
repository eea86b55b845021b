"""How long Airflow takes to parse many pipelines."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lakehouse.environments import load_environment
from tests.mwaa_dags.declared import declared_dags
from tests.mwaa_dags.pipeline_files import config, pipeline
from tests.mwaa_dags.real_airflow import NEWEST, Airflow

ROWS, CONFIGS, JOBS = 80, 20, 10


def write_rows(airflow: Airflow, number: int) -> None:
    """A pipeline of ten jobs, each after the one before."""
    names = [f"p{number:02}_{k}" for k in range(JOBS)]
    rows = []
    for before, name in zip([None, *names], names, strict=False):
        row = {"name": name, "dag": f"dag_{number:02}", "writes": f"silver.{name}"}
        rows.append({**row, "after": [before], "reads": f"silver.{before}"} if before else row)
    pipeline(airflow.dags, f"p{number:02}", rows)


def write_config(airflow: Airflow, number: int) -> None:
    """A pipeline of ten steps, each after the one before."""
    first = "CREATE DATABASE IF NOT EXISTS silver_db;\n" + create(number, 0, "SELECT :run_date AS day")
    steps = [{"step": 0, "task_name": f"p{number:02}_0", "sql": first}]
    for k in range(1, JOBS):
        before = f"p{number:02}_{k - 1}"
        sql = create(number, k, f"SELECT day, count(*) AS n FROM silver.{before} GROUP BY day")
        steps.append({"step": k, "task_name": f"p{number:02}_{k}", "sql": sql, "depends_on": [before]})
    config(airflow.dags, f"p{number:02}", "execution_sequence", steps)


def create(number: int, k: int, query: str) -> str:
    return f"CREATE OR REPLACE TABLE silver.p{number:02}_{k} AS {query}"


def test_a_hundred_pipelines_are_parsed_without_faults(
    airflow: Callable[[str], Airflow], capsys: pytest.CaptureFixture[str]
) -> None:
    instance = airflow(NEWEST)
    for number in range(ROWS):
        write_rows(instance, number)
    for number in range(ROWS, ROWS + CONFIGS):
        write_config(instance, number)
    structure = instance.probe("structure", env={"LAKEHOUSE_ENV": "prod"})
    # The backfill and the project's own DAGs are there too.
    assert len(structure["dags"]) == ROWS + CONFIGS + 1 + len(declared_dags(load_environment("prod")))
    assert not [name for name in structure["dags"] if name.startswith("fault_")]
    assert structure["errors"] == {}
    with capsys.disabled():
        seconds = structure["seconds"]
        print(f"\n100 pipelines, 1,000 jobs: {seconds:.2f} s of a processor after Airflow's own import")
