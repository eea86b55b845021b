"""A real Airflow runs DAGs as `airflow dags test` does. The test decides how the Glue runs end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.mwaa_dags.airflow_runs import BAD, DEPLOYED, GOOD, PIPELINES, RUNS, STOPPED, Ran
from tests.mwaa_dags.moto_glue import cloud
from tests.mwaa_dags.pipeline_files import FUSED, UNDEPLOYED, add_real_runs
from tests.mwaa_dags.real_airflow import NEWEST, Airflow

RETAIL, TRAFFIC = PIPELINES["retail"], PIPELINES["kafka_traffic_pipeline"]


@pytest.fixture(scope="module")
def ran(airflow: Callable[[str], Airflow]) -> Iterator[Ran]:
    instance = airflow(NEWEST)
    add_real_runs(instance.dags)
    instance.migrate()
    fails = {
        "dq_silver_gate": [BAD],
        "streaming_loan_events": ["first"],
        "kafka_to_lakebase": ["never"],
        "silver_to_gold": [STOPPED],
        f"{FUSED}_fused": [BAD],
    }
    with pytest.MonkeyPatch.context() as patch, cloud(DEPLOYED, fails, patch) as aws:
        aws.audit({(name, GOOD): "SUCCEEDED" for name in ("first", "second", "beside")})
        aws.audit({("first", BAD): "FAILED", ("beside", BAD): "SUCCEEDED"})
        answers = instance.probe("run", list(RUNS.values()), aws.env)
        yield Ran(dict(zip(RUNS, answers, strict=True)), aws, instance)


def test_a_retail_day_runs_each_job_once_in_order_for_its_day(ran: Ran) -> None:
    assert ran.of["good"]["state"] == "success"
    assert set(ran.of["good"]["tasks"].values()) == {"success"}
    started = ran.cloud.started(GOOD)
    retail = [name for name in started if name in {job.name for job in RETAIL.jobs}]
    assert sorted(retail) == sorted(job.name for job in RETAIL.jobs)
    for job in RETAIL.jobs:
        assert all(retail.index(before) < retail.index(job.name) for before in job.depends_on)
    assert ran.cloud.runs("snowflake_to_bronze")[0]["Arguments"] == {
        "--job": "snowflake_to_bronze",
        "--env": "local",
        "--run-date": GOOD,
    }


def test_a_failed_gate_is_retried_alerts_once_and_stops_what_follows(ran: Ran) -> None:
    assert ran.of["bad"]["state"] == "failed"
    tasks = ran.of["bad"]["tasks"]
    assert tasks["dq_silver_gate"] == "failed"
    assert {
        tasks[name] for name in ("silver_to_gold", "dq_gold_gate", "publish_gold_to_redshift", "sla_check")
    } == {"upstream_failed"}
    started = ran.cloud.started(BAD)
    assert started.count("dq_silver_gate") == 2
    assert "silver_to_gold" not in started
    (alert,) = ran.alerts("retail_daily")
    assert (alert["task"], alert["logical_date"], alert["attempts"]) == ("dq_silver_gate", BAD, "2")
    assert alert["owner"] == "retail_data"
    assert "FAILED" in alert["error"]


def test_a_dag_waits_for_the_other_dags_run_of_the_same_day(ran: Ran) -> None:
    assert ran.of["waits"]["tasks"]["ingest_loan_book"] != "success"
    assert ran.of["upstream"]["state"] == "success"
    assert ran.of["follows"]["state"] == "success"
    assert ran.of["not judged"]["tasks"]["wait_for_dq_loan_sources_gate"] != "success"
    assert [ran.of[name]["state"] for name in ("judged", "bronze")] == ["success"] * 2
    loans = [job.name for job in PIPELINES["loans"].jobs]
    assert [name for name in ran.cloud.started(GOOD) if name in loans] == [
        "ingest_loan_applications",
        "ingest_loan_book",
        "bronze_transform",
    ]


def test_the_steps_of_a_batch_pipeline_run_in_their_order_and_the_first_before_all_others(ran: Ran) -> None:
    assert ran.of["traffic"]["state"] == "success"
    started = [name for name in ran.cloud.started(GOOD) if name in {job.name for job in TRAFFIC.jobs}]
    assert started[:2] == ["setup_databases", "dq_traffic_events_gate"]
    assert sorted(started[2:4]) == ["traffic_data_clean", "user_engagement_summary"]
    assert started[4:] == ["dq_traffic_silver_gate", "traffic_data_enriched", "dq_traffic_gold_gate"]


def test_a_fused_pipeline_is_one_glue_run_and_a_task_for_each_job_shows_how_it_ended(ran: Ran) -> None:
    fused = f"{FUSED}_fused"
    assert ran.of["fused"]["state"] == "success"
    assert set(ran.of["fused"]["tasks"]) == {fused, "first", "second", "beside", "sla_check"}
    assert ran.cloud.started(GOOD).count(fused) == 1
    assert not {"first", "second", "beside"} & set(ran.cloud.started(GOOD))
    assert ran.of["fused badly"]["state"] == "failed"
    tasks = ran.of["fused badly"]["tasks"]
    assert (tasks[fused], tasks["first"], tasks["beside"]) == ("failed", "failed", "success")
    assert tasks["second"] == "upstream_failed"
    (error,) = [alert["error"] for alert in ran.alerts(FUSED) if alert["task"] == "first"]
    assert error == f"first in the run of {fused}: RUN101 it broke"


def test_tables_are_maintained_once_a_day(ran: Ran) -> None:
    assert ran.of["maintenance"]["state"] == "success"
    assert ran.cloud.started(GOOD).count("maintain_tables") == 1


def test_a_job_that_is_not_deployed_fails_at_once_and_is_not_made(ran: Ran) -> None:
    assert ran.of["undeployed"]["tasks"][UNDEPLOYED] == "failed"
    assert ran.of["undeployed"]["tries"][UNDEPLOYED] == 1
    (alert,) = ran.alerts("undeployed_dag")
    assert f"there is no Glue job lakehouse-local-{UNDEPLOYED}" in alert["error"]
    assert ran.cloud.jobs() == {f"lakehouse-local-{name}" for name in DEPLOYED}


def test_a_continuous_job_is_started_restarted_and_never_runs_twice(ran: Ran) -> None:
    assert [ran.of[check]["state"] for check in ("absent", "failed", "running")] == ["success"] * 3
    assert [run["JobRunState"] for run in ran.cloud.runs("streaming_loan_events")] == ["FAILED", "RUNNING"]
    assert [ran.of[check]["state"] for check in ("lakebase", "lakebase again")] == ["success"] * 2
    assert [run["JobRunState"] for run in ran.cloud.runs("kafka_to_lakebase")] == ["RUNNING"]


def test_an_active_run_is_taken_over_and_a_run_with_other_arguments_is_refused(ran: Ran) -> None:
    job = "lakehouse-local-streaming_loan_events"
    running = ran.cloud.runs("streaming_loan_events")[-1]
    questions = [
        {"job": job, "arguments": {"--job": "streaming_loan_events"}},
        {"job": job, "arguments": {"--run-date": GOOD}},
    ]
    answers = ran.airflow.probe("start", questions, ran.cloud.env)
    assert answers == [running["Id"], "ConcurrentRunsExceededException"]
    assert len(ran.cloud.runs("streaming_loan_events")) == 2


def test_a_faulty_pipeline_is_a_dag_that_fails_with_its_faults(ran: Ran) -> None:
    assert ran.of["broken"]["state"] == "failed"
    (alert,) = ran.alerts("fault_broken")
    assert "pipelines/broken/job.csv:2" in alert["error"]
    assert "hour 25 is not in 0-23" in alert["error"]


def test_a_dry_backfill_runs_nothing_and_a_real_one_day_after_day(ran: Ran) -> None:
    assert ran.of["dry"]["state"] == "success"
    assert ran.of["backfill"]["state"] == "success"
    # Once each: the dry run, which came first, has left nothing.
    assert (
        ran.cloud.started("2017-02-01")
        == ran.cloud.started("2017-02-02")
        == ["bronze_to_silver", "silver_to_gold"]
    )
    last_of_first, first_of_second = ran.cloud.runs("silver_to_gold"), ran.cloud.runs("bronze_to_silver")
    ends = next(run["StartedOn"] for run in last_of_first if run["Arguments"]["--run-date"] == "2017-02-01")
    assert ends <= next(
        run["StartedOn"] for run in first_of_second if run["Arguments"]["--run-date"] == "2017-02-02"
    )


def test_a_backfill_stops_at_the_first_run_that_fails_and_says_where(ran: Ran) -> None:
    assert ran.of["stopped"]["state"] == "failed"
    assert ran.cloud.started(STOPPED) == ["bronze_to_silver", "silver_to_gold"]
    assert ran.cloud.started("2017-02-12") == []
    alert, _ = ran.alerts("backfill")
    assert f"silver_to_gold for {STOPPED}: Glue run" in alert["error"]
    assert "start again from that day" in alert["error"]


def test_an_invalid_backfill_fails_with_every_fault(ran: Ran) -> None:
    assert ran.of["invalid"]["state"] == "failed"
    _, alert = ran.alerts("backfill")
    assert "did you mean 'bronze_to_silver'?" in alert["error"]
    assert "to 2017-02-01 is before from 2017-02-02" in alert["error"]
