"""The SQL of the key figures and of the raw loans, on few rows.

The tests show where a window begins and ends, and which row is the newest.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.job_types.sql import Sql
from lakehouse.contracts import load_schemas
from lakehouse.pipelines import load_pipelines

DAY, WINDOW = date(2017, 6, 30), 30
FIRST = date(2017, 6, 1)
NOON = datetime(2017, 6, 30, 12)


def rows_of(
    spark: SparkSession, table: str, job: str, given: dict[str, Any], **frames: list[dict[str, Any]]
) -> list[Any]:
    """What the job's SQL says that `table` holds, made from rows that state only the columns which matter."""
    contracts = load_schemas().contracts
    query = Sql.of(load_pipelines()["loans"].job(job)).function(table)
    rows_made = {}
    for name, rows in frames.items():
        stored = contracts[name.replace("_", ".", 1)].stored
        rows_made[name] = spark.createDataFrame(
            [tuple(r.get(n) for n, _ in stored) for r in rows], ", ".join(f"`{n}` {k}" for n, k in stored)
        )
    return query(spark=spark, run_date=DAY, params=given, **rows_made).collect()


def loan(number: int, applied: date = FIRST, **more: Any) -> dict[str, Any]:
    loan_row = {
        "application_id": f"LA-{number:06}",
        "application_date": applied,
        "purpose": "business",
        "status": "received",
    }
    return {**loan_row, "requested_amount": Decimal(100 * number), "duration_months": 12, **more}


def state(number: int, at: datetime, status: str = "current", outstanding: int = 100) -> dict[str, Any]:
    state_row = {
        "loan_id": f"LN-{number:06}",
        "application_id": f"LA-{number:06}",
        "updated_at": at,
        "loan_status": status,
    }
    return {**state_row, "outstanding": Decimal(outstanding)}


def figures(
    spark: SparkSession,
    loans: list[dict[str, Any]],
    states: list[dict[str, Any]] | None = None,
    window: int = WINDOW,
) -> dict[str, Any]:
    rows_read = rows_of(
        spark,
        "gold.loan_kpis",
        "gold_kpi_aggregation",
        {"kpi_window_days": window},
        silver_loans=loans,
        silver_loan_states=states or [],
    )
    assert len({r.purpose for r in rows_read}) == len(rows_read)
    return {r.purpose: r for r in rows_read}


def test_window_is_its_days_that_end_with_the_run_date(spark: SparkSession) -> None:
    days = {
        "the day before": FIRST - timedelta(days=1),
        "the first": FIRST,
        "the last": DAY,
        "the day after": DAY + timedelta(days=1),
    }
    kpis = figures(spark, [loan(n, day, purpose=name) for n, (name, day) in enumerate(days.items(), 1)])
    assert {name: row.applications for name, row in kpis.items()} == {
        "the first": 1,
        "the last": 1,
        "all": 2,
    }


def test_window_of_one_day_is_the_run_date(spark: SparkSession) -> None:
    kpis = figures(spark, [loan(1, DAY), loan(2, DAY - timedelta(days=1))], window=1)
    assert (kpis["all"].applications, kpis["all"].window_days, kpis["all"].kpi_date) == (1, 1, DAY)


def test_decision_counts_from_the_moment_it_was_made(spark: SparkSession) -> None:
    midnight = datetime(2017, 7, 1)
    decided = [
        loan(1, status="approved", decided_at=midnight - timedelta(seconds=1)),
        loan(2, status="approved", decided_at=midnight),
        loan(3, status="rejected", decided_at=NOON),
        loan(4),
    ]
    kpis = figures(spark, decided)["all"]
    assert (kpis.applications, kpis.decided, kpis.approved, float(kpis.approval_rate)) == (4, 2, 1, 0.5)


def test_default_rate_is_of_those_that_performed_when_the_window_began(spark: SparkSession) -> None:
    begins, before, in_it = datetime(2017, 6, 1), datetime(2017, 5, 31, 23, 59, 59), datetime(2017, 6, 15)
    states = [
        state(1, before),
        state(1, in_it, "default"),  # performed and defaulted
        state(2, before, "arrears"),
        state(2, in_it),  # performed and still does
        state(3, before, "default"),  # was in default already
        state(4, begins),
        state(4, in_it, "default"),  # was not on the book before
        state(5, before),
        state(5, in_it, "closed", 0),  # repaid
        state(6, before),
        state(6, datetime(2017, 7, 1), "default"),  # defaults the day after
        state(7, before),
        state(7, in_it, "default"),
        state(7, NOON),  # performed, defaulted and was cured
    ]
    kpis = figures(spark, [loan(n, date(2017, 1, 1)) for n in range(1, 8)], states)["business"]
    assert (kpis.performing_at_start, kpis.defaulted) == (5, 2)
    assert float(kpis.default_rate) == 0.4
    assert (kpis.loans_on_book, kpis.exposure, kpis.applications) == (6, 600, 0)


def test_purpose_without_news_still_has_its_book_and_no_rates(spark: SparkSession) -> None:
    kpis = figures(spark, [loan(1, date(2017, 1, 1), purpose="repairs"), loan(2)], [state(1, NOON)])
    assert (
        kpis["repairs"].applications,
        kpis["repairs"].approval_rate,
        kpis["repairs"].average_amount,
    ) == (0, None, None)
    assert (kpis["business"].exposure, kpis["business"].default_rate) == (0, None)
    assert (kpis["all"].applications, kpis["all"].exposure) == (1, 100)


def test_nothing_at_all_gives_no_figures_and_no_error(spark: SparkSession) -> None:
    assert all(r.applications == 0 for r in figures(spark, []).values())


def application(number: int, at: datetime, amount: int, status: str = "received") -> dict[str, Any]:
    key = {"application_id": f"LA-{number:06}", "customer_id": f"CU-{number:06}", "application_date": FIRST}
    return {
        **key,
        "requested_amount": Decimal(amount),
        "duration_months": 12,
        "status": status,
        "updated_at": at,
    }


@pytest.mark.parametrize("seed", range(3))
def test_newest_version_holds_in_whatever_order_and_number_the_rows_come(
    spark: SparkSession, seed: int
) -> None:
    versions = [application(1, NOON + timedelta(hours=h), 100 + h) for h in range(5)] * 2
    tied = [application(2, NOON, 1), application(2, NOON, 2)]
    rows = [*versions, *tied]
    random.Random(seed).shuffle(rows)
    given = {"partition_date": DAY, "job_name": "bronze_transform"}
    rows_read = rows_of(
        spark,
        "bronze.loan_raw",
        "bronze_transform",
        given,
        bronze_loan_applications=rows,
        bronze_loan_book=[],
    )
    assert {r.application_id: r.requested_amount for r in rows_read} == {"LA-000001": 104, "LA-000002": 2}
