"""Which jobs and dates a run is of, in which order; what cannot be forced is refused before it starts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import typer

from cli.run.selection import choose, days
from lakehouse.pipelines import Job
from lakehouse.pipelines.full_refresh import check_force, forced
from lakehouse.pipelines.graph import ancestors
from lakehouse.pipelines.job_type import JobType
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector


def test_pipelines_run_in_the_order_of_their_tables_however_they_are_named() -> None:
    for named in (["maintenance", "loans", "retail"], ["retail", "loans", "maintenance"]):
        jobs = choose(named, None)
        at = {job.name: n for n, job in enumerate(jobs)}
        writer = {table: job.name for job in jobs for table in job.writes}
        read = [
            (writer[t], job.name) for job in jobs for t in job.reads if writer.get(t, job.name) != job.name
        ]
        assert read
        assert all(at[first] < at[then] for first, then in read)
        # The gates of the loans are a pipeline of their own.
        assert {job.pipeline for job in jobs} == {*named, "quality"}


@pytest.mark.parametrize(
    "pipeline", ["retail", "loans", "crm", "customer_features", "kafka_traffic_pipeline"]
)
def test_no_job_reads_a_table_before_the_gate_that_judges_it(pipeline: str) -> None:
    """So a critical failure stops what is downstream: a job that waits for a failed one is skipped."""
    jobs = {job.name: job for job in choose([pipeline], None)}
    gates = [job for job in jobs.values() if job.type is JobType.GATE]
    for job in [j for j in jobs.values() if j.type is not JobType.GATE]:
        judged = {gate.name for gate in gates if {*gate.reads} & {*job.reads}}
        assert judged <= ancestors(job, jobs)
    assert {t for gate in gates for t in gate.reads} >= {
        t for job in jobs.values() if not job.continuous for t in job.reads
    } & {t for job in jobs.values() for t in job.writes}


def test_features_are_made_from_what_the_gate_of_silver_passed() -> None:
    jobs = {job.name: job for job in choose(["retail", "customer_features"], None)}
    assert "dq_silver_gate" in jobs["build_customer_features"].depends_on


def test_a_range_of_days_has_each_day_once_and_the_oldest_first() -> None:
    assert days(None, date(2016, 2, 28), date(2016, 3, 1)) == [
        date(2016, 2, 28),
        date(2016, 2, 29),
        date(2016, 3, 1),
    ]
    assert days(date(2016, 2, 28), None, None) == [date(2016, 2, 28)]


@pytest.mark.parametrize(
    "wrong",
    [
        (None, None, None),
        (date(2016, 1, 1), date(2016, 1, 1), None),
        (None, date(2016, 1, 1), None),
        (None, date(2016, 1, 2), date(2016, 1, 1)),
    ],
)
def test_days_that_are_no_choice_are_refused(wrong: tuple[date | None, date | None, date | None]) -> None:
    with pytest.raises(typer.BadParameter):
        days(*wrong)


def retail() -> dict[str, Job]:
    return {job.name: job for job in choose(["retail"], None)}


def test_each_job_is_forced_by_the_tables_that_it_makes_judges_or_publishes() -> None:
    jobs = retail()
    tables = ("silver.orders", "bronze.orders")
    assert forced(jobs["bronze_to_silver"], tables) == ("silver.orders",)
    assert forced(jobs["dq_silver_gate"], tables) == ("silver.orders",)
    assert forced(jobs["silver_to_gold"], tables) == ()


def test_rows_of_a_source_are_not_forced_and_the_error_says_what_reads_them_again() -> None:
    faults = Collector(Path(project_root()))
    check_force(list(retail().values()), ["bronze.fx_rates", "silver.orders", "silver.order"], faults)
    texts = [str(fault) for fault in faults.faults]
    assert len(texts) == 2
    assert "LK237" in texts[0]
    assert "lakehouse backfill" in texts[0]
    assert "silver.orders" in texts[1]
