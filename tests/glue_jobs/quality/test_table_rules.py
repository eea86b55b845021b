"""Each rule about a whole table on small frames: what passes, and the observed value."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pyspark.sql import SparkSession

from tests.glue_jobs.quality.helpers import judged, rule

SCHEMA = "id int, name string, n int, price decimal(18,4), ratio double, at timestamp, day date, valid_from timestamp, valid_to timestamp, flag boolean"


COLUMNS = [c.split()[0] for c in SCHEMA.split(", ")]


def row(id_: int | None, **values: Any) -> tuple[Any, ...]:
    return tuple({"id": id_, **values}.get(c) for c in COLUMNS)


def rows(column: str, *values: Any) -> list[tuple[Any, ...]]:
    """One row per value, with ids from 1."""
    return [row(i, **{column: v}) for i, v in enumerate(values, 1)]


def ts(text: str) -> Any:
    import datetime as dt

    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def day(text: str) -> Any:
    import datetime as dt

    return dt.date.fromisoformat(text)


# (rule, rows, holds, observed)
TABLE_CASES: list[tuple[str, Any, list[Any], bool, Any]] = [
    ("rows within bounds", rule("expect_table_row_count_to_be_between", min_value=1, max_value=2), rows("n", 1, 2), True, 2),
    ("too few rows", rule("expect_table_row_count_to_be_between", min_value=1), [], False, 0),
    ("mean", rule("expect_column_mean_to_be_between", column="n", min_value=2, max_value=2), rows("n", 1, 3, None), True, 2.0),
    ("mean of nothing is not in any range", rule("expect_column_mean_to_be_between", column="n", min_value=0), [], False, None),
    ("mean with a NaN", rule("expect_column_mean_to_be_between", column="ratio", min_value=0), rows("ratio", math.nan, 1.0), False, "NaN"),
    ("sum", rule("expect_column_sum_to_be_between", column="n", max_value=3), rows("n", 1, 3), False, 4),
    ("max", rule("expect_column_max_to_be_between", column="n", max_value=3), rows("n", 1, 3), True, 3),
    ("min", rule("expect_column_min_to_be_between", column="n", min_value=2), rows("n", 1, 3), False, 1),
    ("max of dates", rule("expect_column_max_to_be_between", column="day", min_value="2017-01-02"), rows("day", day("2017-01-01")), False, day("2017-01-01")),
    ("max of times against a date", rule("expect_column_max_to_be_between", column="at", min_value="2017-01-01"), rows("at", ts("2017-01-01T08:30")), True, ts("2017-01-01T08:30").replace(tzinfo=None)),
    ("fresh on the last allowed day", rule("expect_table_to_be_fresh", column="at", max_age_days=1), rows("at", ts("2017-01-30")), True, day("2017-01-30")),
    ("stale a day later", rule("expect_table_to_be_fresh", column="day", max_age_days=0), rows("day", day("2017-01-30")), False, day("2017-01-30")),
    ("an empty table is not fresh", rule("expect_table_to_be_fresh", column="day", max_age_days=9), [], False, None),
    ("rows after the logical date are fresh", rule("expect_table_to_be_fresh", column="day", max_age_days=0), rows("day", day("2017-02-09")), True, day("2017-02-09")),
    ("columns of the set", rule("expect_table_columns_to_match_set", column_set=COLUMNS), [], True, sorted(COLUMNS)),
    ("columns beyond the set", rule("expect_table_columns_to_match_set", column_set=["id"]), [], False, sorted(COLUMNS)),
    ("columns beyond the set, tolerated", rule("expect_table_columns_to_match_set", column_set=["id"], exact_match=False), [], True, sorted(COLUMNS)),
    ("columns that lack", rule("expect_table_columns_to_match_set", column_set=["x"], exact_match=False), [], False, sorted(COLUMNS)),
    ("a column that exists", rule("expect_column_to_exist", column="id"), [], True, None),
    ("a column that does not", rule("expect_column_to_exist", column="x"), [], False, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "e", "data", "holds", "value"), TABLE_CASES, ids=[c[0] for c in TABLE_CASES]
)
def test_table_rule(spark: SparkSession, what: str, e: Any, data: list[Any], holds: bool, value: Any) -> None:
    result = judged(spark.createDataFrame(data, SCHEMA), e)[0]
    assert (result.success, result.exception, result.unexpected_count, result.sample_keys) == (
        holds,
        None,
        None,
        (),
    )
    found = result.observed_value
    assert ("NaN" if isinstance(found, float) and math.isnan(found) else found) == value
    assert result.element_count == len(data)
