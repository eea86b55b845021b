"""The DAG folder as it is uploaded, in a real Airflow: every DAG is there, and is what the rows say."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import pytest

from tests.mwaa_dags.real_airflow import NEWEST, OLDEST, ROOT, Airflow
from tests.mwaa_dags.trees import pipeline

JOBS = list(csv.DictReader((ROOT / "pipelines" / "retail" / "job.csv").open()))
TIMEOUTS = {row["job_id"]: int(row["timeout_minutes"]) for row in csv.DictReader((ROOT / "pipelines" / "retail" / "proc.csv").open())}


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
    assert set(seen["dags"]) == {"retail_daily", "backfill"}
    assert not {"pyspark", "delta", "glue_jobs", "infra", "moto"} & set(seen["modules"])
    assert seen["stored"] == ["backfill", "retail_daily"]


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


def test_retries_wait_twice_as_long_each_time_up_to_an_hour_and_then_somebody_is_told(seen: Any, tasks: Any) -> None:
    for row in JOBS:
        task = tasks[row["job_name"]]
        count, backoff = row["retry_policy"].removesuffix("m").split(" ")[0], row["retry_policy"].removesuffix("m").rsplit(" ", 1)[1]
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
    for word in ("silver.customer_activity", "runbooks/dq-failover.md", "analytics, retail_data", "Newest row per key"):
        assert word in dag["doc"]


def test_a_backfill_shows_its_plan_unless_it_is_told_to_run(seen: Any) -> None:
    assert seen["dags"]["backfill"]["params"] == {"from": None, "to": None, "jobs": [], "dry_run": True}
    assert seen["dags"]["backfill"]["schedule"] is None


def test_a_hundred_pipelines_are_parsed_fast(airflow: Callable[[str], Airflow], capsys: pytest.CaptureFixture[str]) -> None:
    own = airflow(NEWEST)
    for n in range(100):
        names = [f"p{n:02}_{k}" for k in range(10)]
        rows = [{"name": name, "after": names[k - 1 : k], "dag": f"dag_{n:02}", "writes": f"silver.{name}"} for k, name in enumerate(names)]
        pipeline(own.dags, f"p{n:02}", [{**row, "reads": f"silver.{row['after'][0]}"} if row["after"] else row for row in rows])
    seen = own.ask("structure", env={"LAKEHOUSE_ENV": "prod"})
    assert len(seen["dags"]) == 102
    assert seen["errors"] == {}
    with capsys.disabled():
        print(f"\n100 pipelines, 1,000 jobs: parsed in {seen['seconds']:.2f} s of a processor, beyond Airflow's own import")
