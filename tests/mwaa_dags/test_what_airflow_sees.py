"""The DAG folder as it is uploaded, in a real Airflow: every DAG is there, and is what the rows say."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import pytest

from tests.mwaa_dags.real_airflow import NEWEST, OLDEST, ROOT, Airflow
from tests.mwaa_dags.trees import config, pipeline

JOBS = list(csv.DictReader((ROOT / "pipelines" / "retail" / "job.csv").open()))
TIMEOUTS = {
    row["job_id"]: int(row["timeout_minutes"])
    for row in csv.DictReader((ROOT / "pipelines" / "retail" / "proc.csv").open())
}


def named_in_prod() -> set[str]:
    """The dag_id of each row of a job of prod, and each folder with a config.json."""
    found = {file.parent.name for file in ROOT.glob("pipelines/*/config.json")}
    for file in ROOT.glob("pipelines/*/job.csv"):
        here = {
            row["job_id"] for row in csv.DictReader(file.open()) if "prod" in row["environment"].split(",")
        }
        found |= {
            row["dag_id"]
            for row in csv.DictReader(file.with_name("proc.csv").open())
            if row["job_id"] in here
        }
    return found


@pytest.fixture(scope="module", params=[NEWEST, OLDEST])
def seen(airflow: Callable[[str], Airflow], request: pytest.FixtureRequest) -> Any:
    """What that Airflow sees of prod."""
    return airflow(request.param).ask("structure", env={"LAKEHOUSE_ENV": "prod"})


@pytest.fixture
def tasks(seen: Any) -> Any:
    return seen["dags"]["retail_daily"]["tasks"]


def test_all_is_imported_from_one_file_without_an_error_and_without_an_engine(seen: Any) -> None:
    assert seen["errors"] == {}
    assert seen["files"] == ["dags.py"]
    assert set(seen["dags"]) == named_in_prod() | {"backfill"}
    assert not {"pyspark", "delta", "glue_jobs", "infra", "moto"} & set(seen["modules"])
    assert set(seen["stored"]) == set(seen["dags"])


def test_a_task_follows_exactly_the_jobs_that_its_row_names(tasks: Any) -> None:
    names = {row["job_id"]: row["job_name"] for row in JOBS}
    wanted = {row["job_name"]: sorted(names[i] for i in row["dependencies"].split(",") if i) for row in JOBS}
    assert {name: task["upstream"] for name, task in tasks.items() if name != "sla_check"} == wanted
    assert sorted(name for name, after in wanted.items() if not after) == [
        "crm_to_bronze", "fx_json_to_bronze", "kafka_csv_to_bronze", "redshift_to_bronze", "snowflake_to_bronze",
    ]  # fmt: skip
    assert tasks["sla_check"]["upstream"] == ["publish_gold_to_redshift", "publish_gold_to_snowflake"]


def test_no_task_can_make_or_change_a_glue_job(tasks: Any) -> None:
    for row in JOBS:
        task = tasks[row["job_name"]]
        assert task["kinds"][:2] == ["GlueRun", "GlueJobOperator"]
        assert task["job_name"] == f"lakehouse-prod-{row['job_name']}"
        assert task["update_config"] is False
        assert not task["create_job_kwargs"]
        assert task["iam_role_name"] is task["script_location"] is None


def test_a_wait_outlives_glues_own_timeout_and_a_killed_task_stops_its_run(tasks: Any) -> None:
    for row in JOBS:
        task = tasks[row["job_name"]]
        minutes = TIMEOUTS[row["job_id"]]
        assert task["deferrable"] is True
        assert task["stop_job_run_on_kill"] is True
        assert task["waiter_delay"] * task["waiter_max_attempts"] > minutes * 60 + 1800
        assert task["execution_timeout"] > task["waiter_delay"] * task["waiter_max_attempts"]


def test_retries_wait_twice_as_long_each_time_up_to_an_hour_and_then_somebody_is_told(
    seen: Any, tasks: Any
) -> None:
    for row in JOBS:
        task = tasks[row["job_name"]]
        count, backoff = (
            row["retry_policy"].removesuffix("m").split(" ")[0],
            row["retry_policy"].removesuffix("m").rsplit(" ", 1)[1],
        )
        assert (task["retries"], task["retry_delay"]) == (int(count), int(backoff) * 60)
        assert task["retry_exponential_backoff"] in (2.0, True)
        assert task["max_retry_delay"] == 3600
        assert task["told"]
        assert task["owner"] == row["owner"]
    assert all(task["told"] for dag in seen["dags"].values() for task in dag["tasks"].values())


def test_a_run_is_given_its_day_and_nothing_of_a_secret(seen: Any, tasks: Any) -> None:
    for row in JOBS:
        assert list(tasks[row["job_name"]]["script_args"]) == ["--run-date"]
    assert "{{ secret('snowflake') }}" in tasks["snowflake_to_bronze"]["doc_md"]


def test_a_dag_runs_once_at_a_time_and_says_what_it_is(seen: Any) -> None:
    dag = seen["dags"]["retail_daily"]
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


def test_a_pipeline_of_config_json_is_a_dag_like_any_other(seen: Any) -> None:
    batch, stream = seen["dags"]["kafka_traffic_pipeline"], seen["dags"]["kafka_to_lakebase"]
    assert (batch["display_name"], batch["schedule"]) == (
        "[Loyalty2.0] [prod] Traffic Data ETL Pipeline",
        "0 4 * * *",
    )
    upstream = {name: task["upstream"] for name, task in batch["tasks"].items()}
    assert upstream["setup_databases"] == []
    assert upstream["traffic_data_clean"] == upstream["user_engagement_summary"] == ["setup_databases"]
    assert upstream["sla_check"] == ["traffic_data_enriched"]
    assert batch["tasks"]["traffic_data_clean"]["kinds"][0] == "GlueRun"
    assert stream["display_name"] == "[Loyalty2.0] [prod] Kafka to Lakebase Streaming"
    assert list(stream["tasks"]) == ["kafka_to_lakebase"]
    assert (stream["tasks"]["kafka_to_lakebase"]["kinds"][0], stream["schedule"]) == (
        "KeepRunning",
        "*/5 * * * *",
    )
    assert "loyalty@company.com" in stream["tasks"]["kafka_to_lakebase"]["doc_md"]
    assert list(batch["tasks"]["traffic_data_clean"]["script_args"]) == ["--run-date"]


def test_a_wait_for_another_dag_gives_its_worker_back(seen: Any) -> None:
    (wait,) = [
        t for name, t in seen["dags"]["airflow_silver_dag"]["tasks"].items() if name.startswith("wait_for_")
    ]
    assert (wait["external_dag_id"], wait["external_task_id"], wait["deferrable"]) == (
        "airflow_bronze_dag",
        "bronze_transform",
        True,
    )


def test_a_backfill_shows_its_plan_unless_it_is_told_to_run(seen: Any) -> None:
    assert seen["dags"]["backfill"]["params"] == {"from": None, "to": None, "jobs": [], "dry_run": True}
    assert seen["dags"]["backfill"]["schedule"] is None


def made(n: int, k: int, query: str) -> str:
    return f"CREATE OR REPLACE TABLE silver.p{n:02}_{k} AS {query}"


def test_a_hundred_pipelines_are_parsed_fast(
    airflow: Callable[[str], Airflow], capsys: pytest.CaptureFixture[str]
) -> None:
    own = airflow(NEWEST)
    for n in range(80):
        names = [f"p{n:02}_{k}" for k in range(10)]
        rows = [
            {"name": name, "after": names[k - 1 : k], "dag": f"dag_{n:02}", "writes": f"silver.{name}"}
            for k, name in enumerate(names)
        ]
        pipeline(
            own.dags,
            f"p{n:02}",
            [{**row, "reads": f"silver.{row['after'][0]}"} if row["after"] else row for row in rows],
        )
    for n in range(80, 100):
        first = {
            "step": 0,
            "task_name": f"p{n:02}_0",
            "sql": "CREATE DATABASE IF NOT EXISTS silver_db;\n" + made(n, 0, "SELECT :run_date AS day"),
        }
        steps = [
            {
                "step": k,
                "task_name": f"p{n:02}_{k}",
                "sql": made(n, k, f"SELECT day, count(*) AS n FROM silver.p{n:02}_{k - 1} GROUP BY day"),
            }
            for k in range(1, 10)
        ]
        config(
            own.dags,
            f"p{n:02}",
            "execution_sequence",
            [{**step, "depends_on": [f"p{n:02}_{k}"]} for k, step in enumerate(steps)] + [first],
        )
    seen = own.ask("structure", env={"LAKEHOUSE_ENV": "prod"})
    assert len(seen["dags"]) == 101 + len(named_in_prod())
    assert not [name for name in seen["dags"] if name.startswith("fault_")]
    assert seen["errors"] == {}
    with capsys.disabled():
        print(
            f"\n100 pipelines, 1,000 jobs: parsed in {seen['seconds']:.2f} s of a processor, beyond Airflow's own import"
        )
