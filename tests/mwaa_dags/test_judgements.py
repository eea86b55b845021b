"""What is decided about runs, without Airflow: backfills, streams, lateness, the message of a failure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from lakehouse.environments import load_environment
from lakehouse.pipelines.model import Retry
from mwaa_dags import alerts, days, sla
from mwaa_dags.backfill import BackfillError, Step, steps
from mwaa_dags.load import load
from mwaa_dags.streams import judge

JOBS = load("local").jobs
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = date(2026, 11, 20)


def ended(state: str, minutes_ago: float, lasted: float = 1, **more: Any) -> dict[str, Any]:
    end = NOW - timedelta(minutes=minutes_ago)
    return {"JobRunState": state, "StartedOn": end - timedelta(minutes=lasted), "CompletedOn": end, **more}


def test_a_backfill_goes_day_after_day_each_job_after_those_it_needs() -> None:
    asked = {"from": "2017-01-31", "to": "2017-02-01", "jobs": ["silver_to_gold", "bronze_to_silver"]}
    assert [(s.job, s.day.day) for s in steps(asked, JOBS, TODAY)] == [
        ("bronze_to_silver", 31), ("silver_to_gold", 31), ("bronze_to_silver", 1), ("silver_to_gold", 1),
    ]  # fmt: skip


def test_a_pipelines_name_stands_for_all_its_jobs() -> None:
    found = steps({"from": "2017-01-31", "to": "2017-01-31", "jobs": ["retail"]}, JOBS, TODAY)
    assert found == [Step(job.name, date(2017, 1, 31)) for job in JOBS if job.pipeline == "retail"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, ["from '': wanted a date as 2017-01-31", "to '': wanted", "name at least one job"]),
        ({"from": "20170101", "to": "2017-01-02", "jobs": ["retail"]}, ["from '20170101'"]),
        (
            {"from": "2017-01-02", "to": "2017-01-01", "jobs": ["retail"]},
            ["to 2017-01-01 is before from 2017-01-02"],
        ),
        (
            {"from": "2026-11-20", "to": "2026-11-21", "jobs": ["retail"]},
            ["the last day that is over is 2026-11-20"],
        ),
        ({"from": "2015-01-01", "to": "2026-11-20", "jobs": ["retail"]}, ["at most 5000 in one backfill"]),
        (
            {"from": "2017-01-01", "to": "2017-01-01", "jobs": ["retial"]},
            ["no batch job or pipeline 'retial'; did you mean 'retail'?"],
        ),
    ],
)
def test_a_backfill_that_cannot_be_is_refused_with_all_that_is_wrong(
    asked: dict[str, Any], said: list[str]
) -> None:
    with pytest.raises(BackfillError) as error:
        steps(asked, JOBS, TODAY)
    for part in said:
        assert part in str(error.value)


@pytest.mark.parametrize("state", ["STARTING", "RUNNING", "STOPPING", "WAITING"])
def test_a_stream_that_runs_is_left_alone(state: str) -> None:
    assert judge([ended(state, 0), ended("FAILED", 5)], Retry(5, 300), NOW).running


def test_a_stream_without_a_run_is_started_at_once() -> None:
    verdict = judge([], Retry(5, 300), NOW)
    assert (verdict.running, verdict.wait) == (False, timedelta(0))


def test_the_wait_doubles_with_each_failure_in_a_row_up_to_an_hour() -> None:
    waits = [judge([ended("FAILED", 0)] * n, Retry(5, 300), NOW).wait for n in range(1, 7)]
    assert [wait.total_seconds() / 60 for wait in waits] == [5, 10, 20, 40, 60, 60]
    assert judge([ended("FAILED", 4)], Retry(5, 300), NOW).wait == timedelta(minutes=1)
    assert judge([ended("FAILED", 6)], Retry(5, 300), NOW).wait == timedelta(0)


@pytest.mark.parametrize(
    "sound", [ended("STOPPED", 9), ended("SUCCEEDED", 9), ended("FAILED", 9, lasted=600)]
)
def test_a_run_that_lasted_or_ended_well_begins_the_count_anew(sound: dict[str, Any]) -> None:
    assert judge([ended("FAILED", 0), sound, ended("FAILED", 20)], Retry(5, 300), NOW).failures == 1
    assert judge([sound, ended("FAILED", 20)], Retry(5, 300), NOW).wait == timedelta(0)


def test_late_is_who_took_longer_than_the_sla_from_the_first_attempt_to_the_success() -> None:
    job = next(job for job in JOBS if job.name == "fx_json_to_bronze")
    assert job.sla_minutes == 15
    day = {"Arguments": {"--run-date": "2017-01-05"}}
    runs = [ended("SUCCEEDED", 0, 8, **day), ended("FAILED", 9, 8, **day), ended("FAILED", 900, 8, **day)]
    since = NOW - timedelta(minutes=60)
    assert sla.late([job], {job.name: runs}, "2017-01-05", since) == [
        "fx_json_to_bronze of 2017-01-05 took 17 min; its SLA is 15 min"
    ]
    assert sla.late([job], {job.name: runs}, "2017-01-04", since) == []
    assert sla.late([job], {job.name: runs[:1]}, "2017-01-05", since) == []


def test_the_day_of_a_run_is_its_own_and_never_the_clocks() -> None:
    two = datetime(2017, 1, 5, 2, tzinfo=UTC)
    scheduled = SimpleNamespace(logical_date=two, run_after=two + timedelta(days=1))
    by_hand = SimpleNamespace(logical_date=None, run_after=two)
    assert days.run_day({"dag_run": scheduled, "params": {"run_date": None}}) == date(2017, 1, 5)
    assert days.run_day({"dag_run": by_hand, "params": {}}) == date(2017, 1, 4)
    assert days.run_day({"dag_run": scheduled, "params": {"run_date": "2016-12-31"}}) == date(2016, 12, 31)


def test_a_failure_says_who_what_which_day_and_where_to_look() -> None:
    ti = SimpleNamespace(
        dag_id="retail_daily", task_id="dq_gold_gate", run_id="r", try_number=2, log_url="https://log"
    )
    run = SimpleNamespace(logical_date=datetime(2017, 1, 5, 2, tzinfo=UTC))
    error = RuntimeError("RUN301 a gate\nstopped it" + "x" * 900)
    context = {"ti": ti, "dag_run": run, "task": SimpleNamespace(owner="analytics"), "exception": error}
    said = alerts.message(load_environment("local"), context, "job-failed")
    assert said["logical_date"] == "2017-01-05"
    assert said["error"].startswith("RUN301 a gate stopped it")
    assert len(said["error"]) == 500
    assert said["runbook"].endswith("/runbooks/job-failed.md")
    assert (said["owner"], said["attempts"]) == ("analytics", "2")


def test_of_a_glue_run_that_failed_people_hear_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    failed = RuntimeError("Glue run jr_1 FAILED")
    failed.event_sent = True  # type: ignore[attr-defined]
    context = {"ti": SimpleNamespace(dag_id="d", task_id="t", run_id="r", try_number=1), "exception": failed}
    alerts.teller(load_environment("prod"))(context)
    assert "alert not sent" not in caplog.text
    # Where no notifier is at work, Airflow is the one that tells.
    alerts.teller(load_environment("local"))(context)
    assert "alert not sent: d.t failed" in caplog.text


def test_a_message_that_cannot_be_sent_is_logged_and_hides_nothing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    ti = SimpleNamespace(dag_id="d", task_id="t", run_id="r", try_number=1)
    alerts.teller(load_environment("local"))({"ti": ti})
    assert "alert not sent: d.t failed" in caplog.text
