"""A gate judges what changed since a table passed, and finds what a pass over all of it would find."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.job_types.gate import Gate
from glue_jobs.job_types.gate_part import MIN_FILES
from glue_jobs.job_types.gate_state import FULL_EVERY_DAYS
from glue_jobs.quality.result import Result
from glue_jobs.run_context import RunContext
from lakehouse.environments import Environment
from tests.glue_jobs.job_types.gate_sales import FIRST, Sales
from tests.glue_jobs.run_harness import RUN_DATE

DAYS = MIN_FILES + 1


@pytest.fixture(params=[True, pytest.param(False, marks=pytest.mark.slow)], ids=["days", "rows"])
def sales(request: pytest.FixtureRequest, local_env: Environment, spark: SparkSession) -> Sales:
    return Sales(local_env, spark, DAYS, by_day=request.param)


@pytest.fixture
def by_day(local_env: Environment, spark: SparkSession) -> Sales:
    return Sales(local_env, spark, DAYS)


def outcomes(results: Sequence[Result]) -> list[tuple[str, bool]]:
    return [(r.expectation, r.success) for r in results]


def test_rules_about_rows_read_the_changed_day_alone_and_say_so(by_day: Sales) -> None:
    passed = by_day.versions()
    by_day.add(by_day.sales, (1000, FIRST, None, 0))
    results = by_day.judge(passed)
    assert [(r.success, r.element_count) for r in results[:1]] == [(False, 2)]
    assert results[0].part == "day 2017-01-01 (versions 1 to 1)"
    assert results[1].part == "keys of day 2017-01-01 (versions 1 to 1)"
    assert results[3].part == results[0].part
    assert (results[5].expectation, results[5].part) == ("expect_table_row_count_to_be_between", None)


def test_what_changed_is_judged_as_the_whole_table_is(sales: Sales) -> None:
    sound: list[tuple[Any, ...]] = [(1000, FIRST, 1, 1)]
    broken: list[tuple[Any, ...]] = [
        (DAYS - 1, FIRST, None, 99),  # an id that an old day has, no amount, no such customer
        (1001, FIRST, 5000, 1),  # an amount above the greatest
        (1002, FIRST, -1, 1),  # one of a few rows of its day, and few of all
    ]
    for rows in (sound, broken):
        passed = sales.versions()
        sales.add(sales.sales, *rows)
        part, whole = sales.judge(passed), sales.judge(None)
        assert outcomes(part) == outcomes(whole)
        assert all(r.success for r in part) == (rows is sound)
        failed = [[r.unexpected_count for r in results if not r.success] for results in (part, whole)]
        assert failed[0] == failed[1]
        assert any(r.part for r in part)
        assert not any(r.part for r in whole)


def test_rows_that_were_updated_or_deleted_are_judged_as_well(sales: Sales) -> None:
    passed = sales.versions()
    for change in (("amount = NULL", "id = 3"), ("id = 5", "id = 4"), ("customer = 77", "id = 6")):
        sales.change(sales.sales, *change)
    part, whole = sales.judge(passed), sales.judge(None)
    assert outcomes(part) == outcomes(whole)
    assert [r.success for r in part][:3] == [False, False, False]
    # Nine of ten must be sound: 42 of 46 are, and then 33 of 37.
    sales.add(sales.sales, *[(1000 + n, FIRST, -1 if n < 4 else 1, 0) for n in range(13)])
    passed = sales.versions()
    sales.delete(sales.sales, "id > 1003")
    results = sales.judge(passed)
    # What failed before and did not change is not said again.
    assert [r.success for r in results] == [True, True, True, True, False, True]


@pytest.mark.slow
def test_two_rows_of_one_key_that_came_in_two_versions_are_both_judged(sales: Sales) -> None:
    passed = sales.versions()
    sales.add(sales.sales, (1000, FIRST, None, 0))
    sales.add(sales.sales, (1000, FIRST, 1, 0))
    results = sales.judge(passed)
    assert [(r.success, r.unexpected_count) for r in results[:2]] == [(False, 1), (False, 2)]


def test_row_without_a_day_is_judged_with_the_whole_table(by_day: Sales) -> None:
    passed = by_day.versions()
    by_day.add(by_day.sales, (1000, None, None, 0))
    result = by_day.judge(passed)[0]
    assert (result.success, result.unexpected_count, result.part) == (False, 1, None)


@pytest.mark.slow
def test_table_that_got_a_column_is_judged_as_the_whole_is(sales: Sales) -> None:
    passed, uri = sales.versions(), sales.uri(sales.sales)
    sales.spark.sql(f"ALTER TABLE delta.`{uri}` ADD COLUMNS (note string)")
    sales.add(sales.sales, (1000, FIRST, None, 0))
    assert outcomes(sales.judge(passed)) == outcomes(sales.judge(None))


def test_row_that_lost_its_customer_is_found_though_it_did_not_change(sales: Sales) -> None:
    passed = sales.versions()
    sales.delete(sales.customers, "id = 2")
    result = sales.judge(passed)[2]
    assert (result.success, result.part) == (False, None)


@pytest.mark.slow
def test_whole_table_is_judged_when_the_files_of_its_old_version_are_gone(sales: Sales) -> None:
    passed = sales.versions()
    sales.change(sales.sales, "amount = NULL", "id = 3")
    sales.change(sales.sales, "amount = 7", "id < 9")
    sales.vacuum()
    results = sales.judge(passed)
    assert outcomes(results) == outcomes(sales.judge(None))


def test_gate_judges_the_whole_table_on_demand_and_on_its_schedule(
    local_env: Environment, spark: SparkSession
) -> None:
    """A pass of a part puts the next whole one off no further."""
    by_day = Sales(local_env, spark, DAYS, rules=1)

    def judged(run: RunContext, changed: bool = True) -> int | None:
        """How many rules judged a part; None when nothing was judged."""
        if changed:
            by_day.add(by_day.sales, (1000 + by_day.batches, FIRST, 1, 0))
        Gate().execute(run)
        parts = by_day.stored(run)
        return sum(part is not None for part in parts) if parts else None

    week = RUN_DATE + timedelta(days=FULL_EVERY_DAYS)
    assert judged(by_day.context()) == 0
    assert judged(by_day.context(week - timedelta(days=1))) == 1
    assert by_day.passed()["whole"] == RUN_DATE.isoformat()
    assert judged(by_day.context(week)) == 0
    tomorrow = week + timedelta(days=1)
    assert judged(by_day.context(tomorrow)) == 1
    # On demand a table that has passed in part is judged whole, once.
    assert judged(by_day.context(tomorrow, full=True), changed=False) == 0
    assert judged(by_day.context(tomorrow, full=True), changed=False) is None
    assert judged(by_day.context(tomorrow + timedelta(days=1), full_every_days=1)) == 0


@pytest.mark.parametrize("days", [100, pytest.param(365, marks=pytest.mark.slow)])
def test_day_reads_no_more_files_after_a_long_history_than_after_a_month(
    days: int, spark: SparkSession, local_env: Environment
) -> None:
    def day(history: int) -> int:
        of = Sales(local_env, spark, history)
        passed = of.versions()
        of.add(of.sales, *[(history + n, FIRST + timedelta(days=history), 1, n % 3) for n in range(5)])
        files, results = of.files_read(lambda: of.judge(passed))
        assert [r.part is None for r in results] == [False] * 5 + [True]
        assert all(r.success for r in results)
        return files

    month, long = day(40), day(days)
    assert 0 < long <= month < 40
