"""The DAGs of the project in this repository, without Airflow."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.facts import read_facts
from lakehouse.environments import load_environment
from lakehouse.project import Project
from mwaa_dags.load import load
from tests.mwaa_dags.declared import declared_dags
from tests.mwaa_dags.loaded import dag
from tests.mwaa_dags.real_airflow import lay_out

ENVIRONMENTS = Project.find().settings.environments


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_environment_has_the_dags_that_its_rows_declare_and_no_fault(name: str) -> None:
    loaded = load(name)
    assert loaded.faults == ()
    assert {spec.dag_id for spec in loaded.dags} == declared_dags(load_environment(name))


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_dag_is_shown_by_the_title_of_its_pipeline(name: str) -> None:
    shown = {spec.dag_id: spec.display_name for spec in load(name).dags}
    assert shown["kafka_to_lakebase"] == f"[Loyalty2.0] [{name}] Kafka to Lakebase Streaming"
    assert shown["gap_injection_with_kafka"] == f"[Loyalty2.0] [{name}] Kafka Ingestion to Bronze"
    assert shown["kafka_traffic_pipeline"] == f"[Loyalty2.0] [{name}] Traffic Data ETL Pipeline"
    assert shown["retail_daily"] == f"[lakehouse] [{name}] Retail Daily"
    assert shown["maintenance"] == f"[lakehouse] [{name}] Maintenance"


def test_the_loans_of_a_day_are_one_chain_over_their_dags() -> None:
    waits = {
        spec.dag_id: [(wait.dag_id, wait.task_id) for task in spec.tasks for wait in task.waits]
        for spec in load("prod").dags
        if spec.pipeline == "loans"
    }
    assert waits == {
        "adf_loan_app_dag": [],
        "adf_loan_book_dag": [("adf_loan_app_dag", "ingest_loan_applications")],
        "airflow_bronze_dag": [
            ("adf_loan_app_dag", "ingest_loan_applications"),
            ("adf_loan_book_dag", "ingest_loan_book"),
            ("loan_sources_quality", "dq_loan_sources_gate"),
        ],
        "airflow_silver_dag": [
            ("airflow_bronze_dag", "bronze_transform"),
            ("loan_raw_quality", "dq_loan_raw_gate"),
        ],
        "airflow_gold_dag": [
            ("airflow_silver_dag", "silver_transform"),
            ("loan_silver_quality", "dq_loan_silver_gate"),
        ],
        "airflow_streaming_dag": [],
    }


def test_the_steps_of_a_batch_pipeline_are_tasks_in_their_order() -> None:
    spec = dag(load("prod"), "kafka_traffic_pipeline")
    assert spec.kind == "batch"
    after = {task.job.name: set(task.after) for task in spec.tasks}
    assert after["setup_databases"] == set()
    gated = {"setup_databases", "dq_traffic_events_gate"}
    assert after["traffic_data_clean"] == after["user_engagement_summary"] == gated
    assert after["traffic_data_enriched"] >= {"traffic_data_clean", "user_engagement_summary"}
    assert spec.tasks[0].job.name == "setup_databases"


def test_the_uploaded_dag_folder_knows_the_same_tables_as_the_stack(tmp_path: Path) -> None:
    """The DAG folder holds no code, but the SQL and templates that name a job's tables."""
    uploaded = {
        job.name: (job.reads, job.writes, job.maintains) for job in load("prod", lay_out(tmp_path)).jobs
    }
    assert uploaded == {job.name: (job.reads, job.writes, job.maintains) for job in read_facts("prod").jobs}
    assert uploaded["traffic_data_clean"] == (
        ("bronze.kafka_data_bronze",),
        ("silver.traffic_data_cleaned",),
        (),
    )
