"""Which DAGs follow from the rows, without Airflow."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.facts import read_facts
from lakehouse.environments import load_environment
from lakehouse.project import project_root
from mwaa_dags import docs
from mwaa_dags.load import Loaded, load
from mwaa_dags.schedules import fits, logical_dates, waited_for
from mwaa_dags.specs import DagSpec
from tests.mwaa_dags.real_airflow import lay_out
from tests.mwaa_dags.trees import config, pipeline
from tests.project_marker import mark

LOCAL = load_environment("local")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree with environments and no pipeline."""
    mark(tmp_path)
    (tmp_path / "environments").symlink_to(project_root() / "environments")
    return tmp_path


def dag(loaded: Loaded, dag_id: str) -> DagSpec:
    assert loaded.faults == ()
    return next(spec for spec in loaded.dags if spec.dag_id == dag_id)


def faults(loaded: Loaded) -> dict[str, str]:
    return {spec.dag_id: "\n".join(spec.faults) for spec in loaded.faults}


def chain(dag_id: str, **second: Any) -> list[dict[str, Any]]:
    return [{"name": "first", "dag": dag_id}, {"name": "second", "after": ["first"], "dag": dag_id, **second}]


LOANS = {
    "adf_loan_app_dag",
    "adf_loan_book_dag",
    "airflow_bronze_dag",
    "airflow_silver_dag",
    "airflow_gold_dag",
}
STREAM = {"airflow_streaming_dag"}
EVERYWHERE = {
    "retail_daily",
    "maintenance",
    "gap_injection_with_kafka",
    "kafka_to_lakebase",
    "kafka_traffic_pipeline",
}
HERE = {
    "local": EVERYWHERE | LOANS | STREAM,
    "dev": EVERYWHERE | LOANS,
    "staging": EVERYWHERE,
    "prod": EVERYWHERE | LOANS | STREAM,
}


@pytest.mark.parametrize("name", HERE)
def test_the_real_tree_has_no_fault_in_any_environment(name: str) -> None:
    loaded = load(name)
    assert loaded.faults == ()
    assert {spec.dag_id for spec in loaded.dags} == HERE[name]


@pytest.mark.parametrize("name", HERE)
def test_a_pipeline_that_has_a_title_is_shown_by_it(name: str) -> None:
    shown = {spec.dag_id: spec.display_name for spec in load(name).dags}
    assert shown["kafka_to_lakebase"] == f"[Loyalty2.0] [{name}] Kafka to Lakebase Streaming"
    assert shown["gap_injection_with_kafka"] == f"[Loyalty2.0] [{name}] Kafka Ingestion to Bronze"
    assert shown["kafka_traffic_pipeline"] == f"[Loyalty2.0] [{name}] Traffic Data ETL Pipeline"
    assert shown["retail_daily"] == f"[lakehouse] [{name}] Retail Daily"
    assert shown["maintenance"] == f"[lakehouse] [{name}] Maintenance"


def test_the_loans_of_a_day_are_one_chain_over_their_dags() -> None:
    loaded = load("prod")
    waits = {
        spec.dag_id: [(w.dag_id, w.task_id) for t in spec.tasks for w in t.waits]
        for spec in loaded.dags
        if spec.dag_id in LOANS | STREAM
    }
    assert waits == {
        "adf_loan_app_dag": [],
        "adf_loan_book_dag": [("adf_loan_app_dag", "ingest_loan_applications")],
        "airflow_bronze_dag": [
            ("adf_loan_app_dag", "ingest_loan_applications"),
            ("adf_loan_book_dag", "ingest_loan_book"),
        ],
        "airflow_silver_dag": [("airflow_bronze_dag", "bronze_transform")],
        "airflow_gold_dag": [("airflow_silver_dag", "silver_transform")],
        "airflow_streaming_dag": [],
    }


def test_the_steps_of_a_batch_pipeline_are_tasks_in_their_order() -> None:
    spec = dag(load("prod"), "kafka_traffic_pipeline")
    assert spec.kind == "batch"
    after = {task.job.name: set(task.after) for task in spec.tasks}
    assert after["setup_databases"] == set()
    assert after["traffic_data_clean"] == after["user_engagement_summary"] == {"setup_databases"}
    assert after["traffic_data_enriched"] >= {"traffic_data_clean", "user_engagement_summary"}
    assert spec.tasks[0].job.name == "setup_databases"


def test_what_a_dag_knows_of_tables_is_what_the_stack_knows(tmp_path: Path) -> None:
    """The DAG folder holds no code, but the SQL and templates in which a job's tables stand."""
    uploaded = {
        job.name: (job.reads, job.writes, job.maintains) for job in load("prod", lay_out(tmp_path)).jobs
    }
    assert uploaded == {job.name: (job.reads, job.writes, job.maintains) for job in read_facts("prod").jobs}
    assert uploaded["traffic_data_clean"] == (
        ("bronze.kafka_data_bronze",),
        ("silver.traffic_data_cleaned",),
        (),
    )


def test_sql_that_was_not_uploaded_is_a_fault_and_code_is_none(root: Path) -> None:
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


def test_a_stream_of_another_pipeline_is_not_waited_for(root: Path) -> None:
    kafka = {"topic": "t"}
    config(root, "stream", "tasks", [{"task_name": "fill", "table": "bronze.filled"}], kafka_source=kafka)
    sql = "CREATE OR REPLACE TABLE silver_db.made AS SELECT * FROM bronze_db.filled"
    config(root, "steps", "execution_sequence", [{"step": 0, "task_name": "first", "sql": sql}])
    assert dag(load("local", root), "steps").tasks[0].waits == ()


def test_jobs_share_the_dag_that_their_rows_name(root: Path) -> None:
    pipeline(root, "loans", [*chain("daily"), {"name": "other", "dag": "monthly", "schedule": "0 2 1 * *"}])
    loaded = load("local", root)
    assert {spec.dag_id: [t.job.name for t in spec.tasks] for spec in loaded.dags} == {
        "daily": ["first", "second"],
        "monthly": ["other"],
    }
    assert dag(loaded, "daily").tasks[1].after == ("first",)
    assert dag(loaded, "daily").display_name == "[lakehouse] [local] Loans: Daily"


def test_only_jobs_whose_row_names_the_environment_are_there_and_what_waits_for_another_waits_for_what_that_waits_for(
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


def test_all_jobs_together_stand_in_order_even_where_dags_wait_for_one_another_in_turn(root: Path) -> None:
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


@pytest.mark.parametrize("what", ["silver.x", "all"])
def test_who_keeps_a_table_in_shape_is_no_second_writer_and_waits_for_none(root: Path, what: str) -> None:
    pipeline(root, "a", [{"name": "keeper", "dag": "keeps", "maintains": what}])
    pipeline(root, "b", [{"name": "writer", "dag": "writes", "writes": "silver.x"}])
    (task,) = dag(load("local", root), "keeps").tasks
    assert (task.after, task.waits, task.job.maintains, task.job.writes) == ((), (), (what,), ())


def test_all_tables_can_only_be_maintained(root: Path) -> None:
    pipeline(root, "a", [{"name": "reader", "dag": "reads", "reads": "all"}])
    assert "LK304 param_value 'all' is no table name" in faults(load("local", root))["fault_a"]


def test_pipelines_that_wait_for_one_another_are_told_and_others_run(root: Path) -> None:
    pipeline(root, "a", [{"name": "one", "dag": "dag_a", "reads": "silver.y", "writes": "silver.x"}])
    pipeline(root, "b", [{"name": "two", "dag": "dag_b", "reads": "silver.x", "writes": "silver.y"}])
    pipeline(root, "c", chain("dag_c"))
    loaded = load("local", root)
    assert set(faults(loaded)) == {"fault_a", "fault_b"}
    assert "pipelines/a/job.csv:2: LK311 jobs wait for one another" in faults(loaded)["fault_a"]
    assert [spec.dag_id for spec in loaded.dags] == ["dag_c"]


def test_a_continuous_job_leaves_the_dag_of_batch_jobs_and_is_waited_for_by_none(root: Path) -> None:
    stream = {"name": "stream", "dag": "mixed", "schedule": "continuous", "job_type": "streaming"}
    pipeline(root, "loans", [stream, {"name": "batch", "after": ["stream"], "dag": "mixed"}])
    loaded = load("local", root)
    assert {spec.dag_id: spec.kind for spec in loaded.dags} == {
        "mixed_streaming": "streaming",
        "mixed": "batch",
    }
    assert dag(loaded, "mixed").tasks[0].waits == ()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            chain("daily", schedule="0 2 * * 1"),
            "job 'second' is in DAG 'daily', which starts at '0 2 * * *' with 'first', and not at '0 2 * * 1'",
        ),
        (
            [{"name": "first", "dag": "daily"}, {"name": "second", "dag": "daily", "schedule": "0 4 * * *"}],
            "and not at '0 4 * * *'",
        ),
        (chain("backfill"), "dag_id 'backfill' is also one of the platform"),
    ],
)
def test_what_one_dag_cannot_do_is_a_fault_of_its_row(
    root: Path, rows: list[dict[str, Any]], said: str
) -> None:
    pipeline(root, "loans", rows)
    pipeline(root, "other", [{"name": "sound", "dag": "sound"}])
    loaded = load("local", root)
    assert said in faults(loaded)["fault_loans"]
    assert "pipelines/loans/job.csv:" in faults(loaded)["fault_loans"]
    assert [spec.dag_id for spec in loaded.dags] == ["sound"]


def test_two_pipelines_cannot_share_a_dag_and_the_first_keeps_it(root: Path) -> None:
    pipeline(root, "a", [{"name": "one", "dag": "shared"}])
    pipeline(root, "b", [{"name": "two", "dag": "shared"}])
    loaded = load("local", root)
    assert [(spec.dag_id, spec.pipeline) for spec in loaded.dags] == [("shared", "a")]
    assert "dag_id 'shared' is also one of pipeline a" in faults(loaded)["fault_b"]


def test_who_reads_a_table_of_a_pipeline_that_cannot_be_read_is_not_at_fault(root: Path) -> None:
    pipeline(root, "a", [{"name": "reader", "dag": "reads", "reads": "silver.x"}])
    pipeline(root, "b", [{"name": "writer", "dag": "writes", "writes": "silver.x"}])
    (root / "pipelines" / "b" / "proc_param.csv").write_bytes(b"\xff\xfe")
    loaded = load("local", root)
    assert list(faults(loaded)) == ["fault_b"]
    assert [spec.dag_id for spec in loaded.dags] == ["reads"]


@pytest.mark.parametrize("name", ["", "production"])
def test_without_an_environment_there_is_one_dag_and_it_says_so(root: Path, name: str) -> None:
    pipeline(root, "loans", chain("daily"))
    loaded = load(name, root)
    assert (loaded.dags, list(faults(loaded))) == ((), ["fault_platform"])
    assert f"unknown environment '{name}'" in faults(loaded)["fault_platform"]


def test_a_folder_by_any_name_makes_a_dag_id_that_airflow_takes(root: Path) -> None:
    pipeline(root, "löans (old)", [{"name": "x", "schedule": "never"}])
    assert list(faults(load("local", root))) == ["fault_l-f6-ans-20--28-old-29-"]


def test_a_run_is_of_the_day_before_it_starts() -> None:
    day = datetime(2017, 1, 5).date()
    assert logical_dates("0 2 * * *", day) == [datetime(2017, 1, 5, 2, tzinfo=UTC)]
    assert logical_dates("30 */12 * * *", day) == [
        datetime(2017, 1, 5, 0, 30, tzinfo=UTC),
        datetime(2017, 1, 5, 12, 30, tzinfo=UTC),
    ]
    # The sixth of January 2017 is a Friday.
    assert logical_dates("0 2 * * 5", day) != []
    assert logical_dates("0 2 * * 4", day) == []


def test_a_day_is_waited_for_whole_unless_both_start_alike() -> None:
    noon = datetime(2017, 1, 5, 12, tzinfo=UTC)
    assert waited_for("0 5 * * *", "0 2 * * *", noon) == [datetime(2017, 1, 5, 2, tzinfo=UTC)]
    assert len(waited_for("0 5 * * *", "0 * * * *", noon)) == 24
    assert waited_for("0 * * * *", "0 * * * *", noon) == [noon]
    assert waited_for("0 5 * * *", "0 2 * * 4", noon) == []


def test_a_dag_takes_other_hours_of_the_same_days_only() -> None:
    assert fits("0 5 * * *", "0 2 * * *")
    assert fits("0 5 * * 1-5", "30 2 * * 1-5")
    assert not fits("0 5 * * 1", "0 2 * * *")
    assert not fits("0 */2 * * *", "0 2 * * *")


def test_the_page_of_a_job_shows_calls_and_no_value_of_a_secret() -> None:
    job = next(job for job in load("local").jobs if job.name == "bronze_to_silver")
    assert "| `pii_key` | `{{ secret('pii_key') }}` |" in docs.of_job(job)


@pytest.mark.parametrize("dag_id", ["retail_daily", "maintenance", "kafka_to_lakebase"])
def test_the_page_of_a_dag_names_runbooks_that_exist(dag_id: str) -> None:
    spec = dag(load("local"), dag_id)
    text = docs.of_dag(LOCAL, spec)
    assert ("maintenance" in docs.runbooks(spec).values()) == (dag_id == "maintenance")
    for name in docs.runbooks(spec).values():
        assert f"runbooks/{name}.md" in text
        assert (project_root() / "docs" / "runbooks" / f"{name}.md").is_file()
