"""What the person on call reads when a gate stops the pipeline."""

from __future__ import annotations

from datetime import date

from glue_jobs.quality.gate import GateFailedError, verdict
from glue_jobs.quality.result import Result
from tests.glue_jobs.quality.helpers import RUN_DATE

KEPT = Result("silver.orders", "expect_column_to_exist", {"column": "id"}, "critical", True, 50_000)


DOUBLED = Result(
    "silver.orders",
    "expect_column_values_to_be_unique",
    {"column": "order_id", "mostly": 0.999},
    "critical",
    False,
    50_000,
    10_000,
    412,
    1.03,
    sample_keys=('{"order_id":1}', '{"order_id":7}'),
    why="An order counted twice is money that was never paid.",
)


STALE = Result(
    "silver.fx_rates",
    "expect_table_to_be_fresh",
    {"column": "day", "max_age_days": 4},
    "warn",
    False,
    31,
    observed_value=date(2017, 1, 20),
)


BROKEN = Result(
    "silver.orders",
    "expect_column_values_to_not_be_null",
    {"column": "x"},
    "critical",
    False,
    5,
    exception="the table has no column 'x'",
)


ALL = [KEPT, DOUBLED, STALE, BROKEN]


def test_failed_rules_are_told_apart_by_what_they_lead_to() -> None:
    outcome = verdict(ALL)
    assert (outcome.critical, outcome.warnings, outcome.passed) == ([DOUBLED, BROKEN], [STALE], False)


def test_a_failed_warning_lets_the_pipeline_pass() -> None:
    assert verdict([KEPT, STALE]).passed


def test_the_failure_says_what_is_wrong_how_much_of_it_and_where_to_look() -> None:
    assert str(
        GateFailedError(
            "dq_silver_gate", verdict(ALL), run_date=RUN_DATE, run_id="r1", results_in="silver.dq_results"
        )
    ).splitlines() == [
        "RUN301 dq_silver_gate stopped the pipeline: 2 critical rules failed for 2017-01-31. "
        "Nothing after this gate has run.",
        "  1. silver.orders: expect_column_values_to_be_unique(column=order_id, mostly=0.999): "
        "412 of 40,000 rows (1.03 %, allowed 0.1 %)",
        "     keys of 2 such rows stand in the results",
        "     why it matters: An order counted twice is money that was never paid.",
        "  2. silver.orders: expect_column_values_to_not_be_null(column=x): "
        "could not be judged: the table has no column 'x'",
        "  Also failed, as warnings: silver.fx_rates: expect_table_to_be_fresh(column=day, max_age_days=4): "
        "found 2017-01-20 in 31 rows",
        "  All results: silver.dq_results, run_id r1",
    ]
