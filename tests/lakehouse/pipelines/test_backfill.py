"""Which runs a backfill makes, and which requests it refuses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lakehouse.pipelines.backfill import BackfillError, BackfillWindow, Step, steps, window_of
from lakehouse.pipelines.job_type import JobType
from mwaa_dags.load import load

JOBS = load("local").jobs
NEWEST = date(2026, 11, 20)


def test_a_backfill_runs_day_after_day_and_each_job_after_its_dependencies() -> None:
    params = {"from": "2017-01-31", "to": "2017-02-01", "jobs": ["silver_to_gold", "bronze_to_silver"]}
    assert [(step.job, step.day.day) for step in steps(params, JOBS, NEWEST)] == [
        ("bronze_to_silver", 31),
        ("silver_to_gold", 31),
        ("bronze_to_silver", 1),
        ("silver_to_gold", 1),
    ]


def test_the_name_of_a_pipeline_selects_all_its_jobs() -> None:
    planned = steps({"from": "2017-01-31", "to": "2017-01-31", "jobs": ["retail"]}, JOBS, NEWEST)
    assert planned == [
        Step(job.name, date(2017, 1, 31), job.type is JobType.INGEST)
        for job in JOBS
        if job.pipeline == "retail"
    ]


def test_at_once_each_job_runs_once_for_the_last_day() -> None:
    params = {"from": "2015-01-01", "to": "2017-01-31", "jobs": ["retail"], "at_once": True}
    planned = steps(params, JOBS, NEWEST)
    assert [step.job for step in planned] == [job.name for job in JOBS if job.pipeline == "retail"]
    assert {step.day for step in planned} == {date(2017, 1, 31)}


def test_only_runs_that_read_a_source_get_the_window() -> None:
    params = {"from": "2017-01-01", "to": "2017-01-31", "jobs": ["snowflake_to_bronze", "bronze_to_silver"]}
    window = window_of(params, "b-1234")
    planned = {step.job: step.arguments(window) for step in steps(params, JOBS, NEWEST)}
    assert planned["snowflake_to_bronze"]["--backfill"] == "2017-01-01..2017-01-31@b-1234"
    assert planned["bronze_to_silver"] == {"--run-date": "2017-01-31"}
    assert BackfillWindow.parse("2017-01-01..2017-01-31@b-1234") == window


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2017-01-01..2017-01-31",
        "2017-02-01..2017-01-31@b-1234",
        "2017-02-30..2017-03-01@b-1234",
        "x@b-1234",
    ],
)
def test_a_text_that_is_no_window_is_none(text: str) -> None:
    assert BackfillWindow.parse(text) is None


@pytest.mark.parametrize(
    ("params", "faults"),
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
def test_an_invalid_backfill_is_refused_with_every_fault(params: dict[str, Any], faults: list[str]) -> None:
    with pytest.raises(BackfillError) as error:
        steps(params, JOBS, NEWEST)
    for fault in faults:
        assert fault in str(error.value)
