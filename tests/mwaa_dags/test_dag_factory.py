"""What a real Airflow finds in the DAG folder as it is uploaded: the DAGs that the rows describe."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import pytest

from lakehouse.environments import load_environment
from tests.mwaa_dags.declared import declared_dags
from tests.mwaa_dags.real_airflow import NEWEST, OLDEST, ROOT, Airflow

JOBS = list(csv.DictReader((ROOT / "pipelines" / "retail" / "job.csv").open()))
TIMEOUTS = {
    row["job_id"]: int(row["timeout_minutes"])
    for row in csv.DictReader((ROOT / "pipelines" / "retail" / "proc.csv").open())
}


@pytest.fixture(scope="module", params=[NEWEST, OLDEST])
def structure(airflow: Callable[[str], Airflow], request: pytest.FixtureRequest) -> Any:
    """What that Airflow finds for prod."""
    return airflow(request.param).probe("structure", env={"LAKEHOUSE_ENV": "prod"})


@pytest.fixture
def tasks(structure: Any) -> Any:
    return structure["dags"]["retail_daily"]["tasks"]


def test_one_file_makes_all_dags_without_errors_and_without_an_engine(structure: Any) -> None:
    assert structure["errors"] == {}
    assert structure["files"] == ["dags.py"]
    assert set(structure["dags"]) == declared_dags(load_environment("prod")) | {"backfill"}
    assert not {"pyspark", "delta", "glue_jobs", "infra", "moto"} & set(structure["modules"])
    assert set(structure["stored"]) == set(structure["dags"])


def test_a_task_follows_exactly_the_jobs_that_its_row_names(tasks: Any) -> None:
    names = {row["job_id"]: row["job_name"] for row in JOBS}
    expected = {
        row["job_name"]: sorted(names[i] for i in row["dependencies"].split(",") if i) for row in JOBS
    }
    assert {name: task["upstream"] for name, task in tasks.items() if name != "sla_check"} == expected
    assert sorted(name for name, after in expected.items() if not after) == [
        "crm_to_bronze",
        "fx_json_to_bronze",
        "kafka_csv_to_bronze",
        "redshift_to_bronze",
        "snowflake_to_bronze",
    ]
    assert tasks["sla_check"]["upstream"] == ["publish_gold_to_redshift", "publish_gold_to_snowflake"]


def test_no_task_can_make_or_change_a_glue_job(tasks: Any) -> None:
    for row in JOBS:
        task = tasks[row["job_name"]]
        assert task["classes"][:2] == ["GlueRun", "GlueJobOperator"]
        assert task["job_name"] == f"lakehouse-prod-{row['job_name']}"
        assert task["update_config"] is False
        assert not task["create_job_kwargs"]
        assert task["iam_role_name"] is task["script_location"] is None


def test_a_task_waits_longer_than_glues_timeout_and_stops_its_run_when_killed(tasks: Any) -> None:
    for row in JOBS:
        task = tasks[row["job_name"]]
        minutes = TIMEOUTS[row["job_id"]]
        assert task["deferrable"] is True
        assert task["stop_job_run_on_kill"] is True
        assert task["waiter_delay"] * task["waiter_max_attempts"] > minutes * 60 + 1800
        assert task["execution_timeout"] > task["waiter_delay"] * task["waiter_max_attempts"]


def test_retries_double_their_wait_up_to_an_hour_and_the_last_one_alerts(structure: Any, tasks: Any) -> None:
    for row in JOBS:
        task = tasks[row["job_name"]]
        count, backoff = (
            row["retry_policy"].removesuffix("m").split(" ")[0],
            row["retry_policy"].removesuffix("m").rsplit(" ", 1)[1],
        )
        assert (task["retries"], task["retry_delay"]) == (int(count), int(backoff) * 60)
        assert task["retry_exponential_backoff"] in (2.0, True)
        assert task["max_retry_delay"] == 3600
        assert task["alerts"]
        assert task["owner"] == row["owner"]
    assert all(task["alerts"] for dag in structure["dags"].values() for task in dag["tasks"].values())


def test_a_run_gets_its_day_and_no_secret(structure: Any, tasks: Any) -> None:
    for row in JOBS:
        assert list(tasks[row["job_name"]]["script_args"]) == ["--run-date"]
    assert "{{ secret('snowflake') }}" in tasks["snowflake_to_bronze"]["doc_md"]


def test_a_dag_runs_once_at_a_time_and_describes_itself(structure: Any) -> None:
    dag = structure["dags"]["retail_daily"]
    assert (dag["display_name"], dag["schedule"]) == ("[lakehouse] [prod] Retail Daily", "0 2 * * *")
    assert (dag["catchup"], dag["max_active_runs"]) == (False, 1)
    assert dag["tags"] == ["batch", "prod", "retail"]
    for word in (
        "silver.customer_activity",
        "runbooks/dq-failover.md",
        "analytics, retail_data",
        "Newest row per key",
    ):
        assert word in dag["doc"]


def test_a_pipeline_of_config_json_is_a_dag_like_any_other(structure: Any) -> None:
    batch, stream = structure["dags"]["kafka_traffic_pipeline"], structure["dags"]["kafka_to_lakebase"]
    assert (batch["display_name"], batch["schedule"]) == (
        "[Loyalty2.0] [prod] Traffic Data ETL Pipeline",
        "0 4 * * *",
    )
    upstream = {name: task["upstream"] for name, task in batch["tasks"].items()}
    assert upstream["setup_databases"] == []
    gated = ["dq_traffic_events_gate", "setup_databases"]
    assert upstream["traffic_data_clean"] == upstream["user_engagement_summary"] == gated
    assert "dq_traffic_silver_gate" in upstream["traffic_data_enriched"]
    assert upstream["sla_check"] == ["dq_traffic_gold_gate"]
    assert batch["tasks"]["traffic_data_clean"]["classes"][0] == "GlueRun"
    assert stream["display_name"] == "[Loyalty2.0] [prod] Kafka to Lakebase Streaming"
    assert list(stream["tasks"]) == ["kafka_to_lakebase"]
    assert (stream["tasks"]["kafka_to_lakebase"]["classes"][0], stream["schedule"]) == (
        "EnsureRunning",
        "*/5 * * * *",
    )
    assert "loyalty@company.com" in stream["tasks"]["kafka_to_lakebase"]["doc_md"]
    assert list(batch["tasks"]["traffic_data_clean"]["script_args"]) == ["--run-date"]


def test_a_wait_for_another_dag_occupies_no_worker(structure: Any) -> None:
    wait = structure["dags"]["airflow_silver_dag"]["tasks"]["wait_for_bronze_transform"]
    assert (wait["external_dag_id"], wait["external_task_id"], wait["deferrable"]) == (
        "airflow_bronze_dag",
        "bronze_transform",
        True,
    )


def test_a_backfill_is_a_dry_run_by_default(structure: Any) -> None:
    assert structure["dags"]["backfill"]["params"] == {
        **{"from": None, "to": None, "jobs": []},
        **{"at_once": False, "dry_run": True},
    }
    assert structure["dags"]["backfill"]["schedule"] is None
