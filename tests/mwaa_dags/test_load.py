"""How a project with faults is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from mwaa_dags.load import load
from tests.mwaa_dags.loaded import faults
from tests.mwaa_dags.pipeline_files import chain, config, pipeline


def test_missing_sql_is_a_fault_and_missing_code_is_not(root: Path) -> None:
    config(
        root,
        "steps",
        "execution_sequence",
        [{"step": 0, "task_name": "begin", "sql": "CREATE DATABASE IF NOT EXISTS gold"}],
    )
    pipeline(root, "code", chain("daily"))
    assert {spec.dag_id for spec in load("local", root).dags} == {"steps", "daily"}
    (root / "pipelines" / "steps" / "begin.sql").unlink()
    assert "'begin.sql' does not exist" in faults(load("local", root))["fault_steps"]


def test_all_is_a_table_name_for_maintenance_only(root: Path) -> None:
    pipeline(root, "a", [{"name": "reader", "dag": "reads", "reads": "all"}])
    assert "LK304 param_value 'all' is no table name" in faults(load("local", root))["fault_a"]


def test_a_reader_of_a_faulty_pipelines_table_has_no_fault(root: Path) -> None:
    pipeline(root, "a", [{"name": "reader", "dag": "reads", "reads": "silver.x"}])
    pipeline(root, "b", [{"name": "writer", "dag": "writes", "writes": "silver.x"}])
    (root / "pipelines" / "b" / "proc_param.csv").write_bytes(b"\xff\xfe")
    loaded = load("local", root)
    assert list(faults(loaded)) == ["fault_b"]
    assert [spec.dag_id for spec in loaded.dags] == ["reads"]


@pytest.mark.parametrize("name", ["", "production"])
def test_an_unknown_environment_is_one_fault_dag(root: Path, name: str) -> None:
    pipeline(root, "loans", chain("daily"))
    loaded = load(name, root)
    assert (loaded.dags, list(faults(loaded))) == ((), ["fault_platform"])
    assert f"unknown environment '{name}'" in faults(loaded)["fault_platform"]


def test_a_folder_of_any_name_makes_a_dag_id_that_airflow_accepts(root: Path) -> None:
    pipeline(root, "löans (old)", [{"name": "x", "schedule": "never"}])
    assert list(faults(load("local", root))) == ["fault_l-f6-ans-20--28-old-29-"]
