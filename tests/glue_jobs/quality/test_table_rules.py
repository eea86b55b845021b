"""Each rule about a whole table on small frames: what passes, and the observed value."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pyspark.sql import SparkSession

from lakehouse.contracts import Expectation
from tests.glue_jobs.quality.frames import COLUMNS, SCHEMA, day, rows, ts
from tests.glue_jobs.quality.helpers import judged, rule


def bounded(of: str, column: str, **bounds: Any) -> Expectation:
    """The mean, sum, max or min of a column lies within bounds."""
    return rule(f"expect_column_{of}_to_be_between", column=column, **bounds)


def row_count(**bounds: Any) -> Expectation:
    return rule("expect_table_row_count_to_be_between", **bounds)


def fresh(column: str, days: int) -> Expectation:
    return rule("expect_table_to_be_fresh", column=column, max_age_days=days)


def columns_match(*columns: str, **more: Any) -> Expectation:
    return rule("expect_table_columns_to_match_set", column_set=list(columns), **more)


# (title, rule, rows, whether it holds, observed value)
TABLE_CASES: list[tuple[str, Any, list[Any], bool, Any]] = [
    ("rows within bounds", row_count(min_value=1, max_value=2), rows("n", 1, 2), True, 2),
    ("too few rows", row_count(min_value=1), [], False, 0),
    ("mean", bounded("mean", "n", min_value=2, max_value=2), rows("n", 1, 3, None), True, 2.0),
    ("mean of nothing is not in any range", bounded("mean", "n", min_value=0), [], False, None),
    ("mean with a NaN", bounded("mean", "ratio", min_value=0), rows("ratio", math.nan, 1.0), False, "NaN"),
    ("sum", bounded("sum", "n", max_value=3), rows("n", 1, 3), False, 4),
    ("max", bounded("max", "n", max_value=3), rows("n", 1, 3), True, 3),
    ("min", bounded("min", "n", min_value=2), rows("n", 1, 3), False, 1),
    (
        "max of dates",
        bounded("max", "day", min_value="2017-01-02"),
        rows("day", day("2017-01-01")),
        False,
        day("2017-01-01"),
    ),
    (
        "max of times against a date",
        bounded("max", "at", min_value="2017-01-01"),
        rows("at", ts("2017-01-01T08:30")),
        True,
        ts("2017-01-01T08:30"),
    ),
    (
        "max of times against a time with an offset",
        bounded("max", "at", max_value="2017-01-01T10:30:00+02:00"),
        rows("at", ts("2017-01-01T08:31")),
        False,
        ts("2017-01-01T08:31"),
    ),
    ("fresh on the last allowed day", fresh("at", 1), rows("at", ts("2017-01-30")), True, day("2017-01-30")),
    ("stale a day later", fresh("day", 0), rows("day", day("2017-01-30")), False, day("2017-01-30")),
    ("an empty table is not fresh", fresh("day", 9), [], False, None),
    (
        "rows after the logical date are fresh",
        fresh("day", 0),
        rows("day", day("2017-02-09")),
        True,
        day("2017-02-09"),
    ),
    ("columns of the set", columns_match(*COLUMNS), [], True, sorted(COLUMNS)),
    ("columns beyond the set", columns_match("id"), [], False, sorted(COLUMNS)),
    ("columns beyond the set, tolerated", columns_match("id", exact_match=False), [], True, sorted(COLUMNS)),
    ("columns that lack", columns_match("x", exact_match=False), [], False, sorted(COLUMNS)),
    ("a column that exists", rule("expect_column_to_exist", column="id"), [], True, None),
    ("a column that does not", rule("expect_column_to_exist", column="x"), [], False, None),
]


@pytest.mark.parametrize(
    ("title", "e", "data", "holds", "value"), TABLE_CASES, ids=[c[0] for c in TABLE_CASES]
)
def test_table_rule(
    spark: SparkSession, title: str, e: Any, data: list[Any], holds: bool, value: Any
) -> None:
    result = judged(spark.createDataFrame(data, SCHEMA), e)[0]
    assert (result.success, result.exception, result.unexpected_count, result.sample_keys) == (
        holds,
        None,
        None,
        (),
    )
    observed = result.observed_value
    assert ("NaN" if isinstance(observed, float) and math.isnan(observed) else observed) == value
    assert result.element_count == len(data)


def test_a_sum_that_64_bits_do_not_hold_is_no_other_number(spark: SparkSession) -> None:
    df = spark.createDataFrame([(i, 2**62) for i in range(3)], "id int, n bigint")
    result = judged(df, bounded("sum", "n", max_value=0))[0]
    assert (result.success, result.observed_value) == (False, None)
