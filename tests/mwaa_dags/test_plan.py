"""How jobs become DAGs, without Airflow."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from mwaa_dags.load import load
from tests.mwaa_dags.loaded import dag, faults
from tests.mwaa_dags.pipeline_files import chain, config, pipeline


def test_jobs_share_the_dag_that_their_rows_name(root: Path) -> None:
    pipeline(root, "loans", [*chain("daily"), {"name": "other", "dag": "monthly", "schedule": "0 2 1 * *"}])
    loaded = load("local", root)
    assert {spec.dag_id: [t.job.name for t in spec.tasks] for spec in loaded.dags} == {
        "daily": ["first", "second"],
        "monthly": ["other"],
    }
    assert dag(loaded, "daily").tasks[1].after == ("first",)
    assert dag(loaded, "daily").display_name == "[lakehouse] [local] Loans: Daily"


def test_a_job_of_another_environment_is_replaced_by_its_dependencies(
    root: Path,
) -> None:
    rows = [*chain("daily", environment="prod"), {"name": "third", "after": ["second"], "dag": "daily"}]
    pipeline(root, "loans", rows)
    assert {t.job.name: t.after for t in dag(load("dev", root), "daily").tasks} == {
        "first": (),
        "third": ("first",),
    }
    assert {t.job.name: t.after for t in dag(load("prod", root), "daily").tasks} == {
        "first": (),
        "second": ("first",),
        "third": ("second",),
    }


def test_a_job_of_another_dag_is_waited_for_on_its_schedule(root: Path) -> None:
    pipeline(
        root,
        "loans",
        [*chain("early")[:1], {"name": "second", "after": ["first"], "dag": "late", "schedule": "0 5 * * *"}],
    )
    (wait,) = dag(load("local", root), "late").tasks[0].waits
    assert (wait.dag_id, wait.task_id, wait.schedule) == ("early", "first", "0 2 * * *")


def test_all_jobs_are_sorted_even_where_dags_wait_for_one_another_in_turn(root: Path) -> None:
    rows = [
        {"name": "c", "dag": "one", "after": ["b"]},
        {"name": "b", "dag": "two", "after": ["a"]},
        {"name": "a", "dag": "one"},
    ]
    pipeline(root, "loans", rows)
    assert [job.name for job in load("local", root).jobs] == ["a", "b", "c"]


def test_a_reader_of_another_pipelines_table_waits_for_its_writer(root: Path) -> None:
    pipeline(root, "a", [{"name": "reader", "dag": "reads", "reads": "silver.x"}])
    pipeline(root, "b", [{"name": "writer", "dag": "writes", "writes": "silver.x"}])
    assert [w.task_id for w in dag(load("local", root), "reads").tasks[0].waits] == ["writer"]


def test_no_job_waits_for_a_stream_of_another_pipeline(root: Path) -> None:
    kafka = {"topic": "t"}
    config(root, "stream", "tasks", [{"task_name": "fill", "table": "bronze.filled"}], kafka_source=kafka)
    sql = "CREATE OR REPLACE TABLE silver_db.made AS SELECT * FROM bronze_db.filled"
    config(root, "steps", "execution_sequence", [{"step": 0, "task_name": "first", "sql": sql}])
    assert dag(load("local", root), "steps").tasks[0].waits == ()


@pytest.mark.parametrize(("env", "schedule"), [("dev", "0 6 * * *"), ("prod", "*/5 * * * *")])
def test_a_stream_that_reads_what_has_come_starts_when_the_environment_says(
    root: Path, env: str, schedule: str
) -> None:
    tasks = [{"task_name": "fill", "table": "bronze.filled"}]
    config(root, "stream", "tasks", tasks, kafka_source={"topic": "t"})
    assert dag(load(env, root), "stream").schedule == schedule


@pytest.mark.parametrize("tables", ["silver.x", "all"])
def test_a_maintenance_job_is_no_second_writer_and_waits_for_no_job(root: Path, tables: str) -> None:
    pipeline(root, "a", [{"name": "keeper", "dag": "keeps", "maintains": tables}])
    pipeline(root, "b", [{"name": "writer", "dag": "writes", "writes": "silver.x"}])
    (task,) = dag(load("local", root), "keeps").tasks
    assert (task.after, task.waits, task.job.maintains, task.job.writes) == ((), (), (tables,), ())


def test_pipelines_that_wait_for_one_another_are_faults_and_others_run(root: Path) -> None:
    pipeline(root, "a", [{"name": "one", "dag": "dag_a", "reads": "silver.y", "writes": "silver.x"}])
    pipeline(root, "b", [{"name": "two", "dag": "dag_b", "reads": "silver.x", "writes": "silver.y"}])
    pipeline(root, "c", chain("dag_c"))
    loaded = load("local", root)
    assert set(faults(loaded)) == {"fault_a", "fault_b"}
    assert "pipelines/a/job.csv:2: LK311 jobs wait for one another" in faults(loaded)["fault_a"]
    assert [spec.dag_id for spec in loaded.dags] == ["dag_c"]


def test_a_continuous_job_gets_a_dag_of_its_own_and_no_job_waits_for_it(root: Path) -> None:
    stream = {"name": "stream", "dag": "mixed", "schedule": "continuous", "job_type": "streaming"}
    pipeline(root, "loans", [stream, {"name": "batch", "after": ["stream"], "dag": "mixed"}])
    loaded = load("local", root)
    assert {spec.dag_id: spec.kind for spec in loaded.dags} == {
        "mixed_streaming": "streaming",
        "mixed": "batch",
    }
    assert dag(loaded, "mixed").tasks[0].waits == ()


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (
            chain("daily", schedule="0 2 * * 1"),
            "is in DAG 'daily', which starts at '0 2 * * *' with 'first', and not at '0 2 * * 1'",
        ),
        (
            [{"name": "first", "dag": "daily"}, {"name": "second", "dag": "daily", "schedule": "0 4 * * *"}],
            "and not at '0 4 * * *'",
        ),
        (chain("backfill"), "dag_id 'backfill' is also one of the platform"),
    ],
)
def test_a_job_that_does_not_fit_into_its_dag_is_a_fault_of_its_row(
    root: Path, rows: list[dict[str, Any]], text: str
) -> None:
    pipeline(root, "loans", rows)
    pipeline(root, "other", [{"name": "sound", "dag": "sound"}])
    loaded = load("local", root)
    assert text in faults(loaded)["fault_loans"]
    assert "pipelines/loans/job.csv:" in faults(loaded)["fault_loans"]
    assert [spec.dag_id for spec in loaded.dags] == ["sound"]


def test_two_pipelines_cannot_share_a_dag_and_the_first_keeps_it(root: Path) -> None:
    pipeline(root, "a", [{"name": "one", "dag": "shared"}])
    pipeline(root, "b", [{"name": "two", "dag": "shared"}])
    loaded = load("local", root)
    assert [(spec.dag_id, spec.pipeline) for spec in loaded.dags] == [("shared", "a")]
    assert "dag_id 'shared' is also one of pipeline a" in faults(loaded)["fault_b"]


@pytest.fixture
def without_airflow(root: Path) -> Path:
    """A project whose dev has state machines in Airflow's place."""
    environments = root / "environments"
    shared = environments.resolve()
    environments.unlink()
    shutil.copytree(shared, environments)
    file = environments / "dev.yml"
    facts = yaml.safe_load(file.read_text())
    facts["stack"]["orchestrator"] = "none"
    file.write_text(yaml.safe_dump(facts))
    return root


def test_fused_pipeline_whose_role_has_too_long_a_name_is_a_fault(root: Path) -> None:
    """`lakehouse-prod-job-` are 19 characters, `_fused` 6, and a role has 64."""
    fused = "fuse: true\n"
    for name in ("a" * 39, "b" * 40):
        pipeline(root, name, [{"name": name[:5], "dag": name[:5]}])
        (root / "pipelines" / name / "settings.yml").write_text(fused)
    (found,) = faults(load("prod", root)).values()
    assert f"LK282 the role of job '{'b' * 40}_fused' would be " in found
    assert "of 65 characters" in found


@pytest.mark.parametrize(
    ("job", "fault"),
    [
        ({"schedule": "0 2 1 * 1"}, r"LK280 '0 2 1 \* 1' restricts the day of the month and the weekday"),
        ({"schedule": "0 2 L * *"}, "LK280 '0 2 L"),
        ({"dag": "d" * 60}, "LK281 .* of 74 characters"),
    ],
)
def test_dag_that_eventbridge_cannot_start_is_a_fault_of_its_job_without_airflow(
    without_airflow: Path, job: dict[str, Any], fault: str
) -> None:
    pipeline(without_airflow, "loans", [{"name": "first", **job}])
    (found,) = faults(load("dev", without_airflow)).values()
    assert re.search(fault, found)
    assert load("prod", without_airflow).faults == ()
