"""Each rule about rows on small frames: what it counts, what passes, which keys it shows."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from pyspark.sql import SparkSession

from lakehouse.contracts.suite import EXPECTATIONS
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


NOT_NULL = "expect_column_values_to_not_be_null"


UNIQUE = "expect_column_values_to_be_unique"


COMPOUND = "expect_compound_columns_to_be_unique"


IN_SET = "expect_column_values_to_be_in_set"


REGEX = "expect_column_values_to_match_regex"


BETWEEN = "expect_column_values_to_be_between"


LENGTH = "expect_column_value_lengths_to_be_between"


GREATER = "expect_column_pair_values_a_to_be_greater_than_b"


# (what it shows, rule, rows, unexpected rows, considered rows, holds, ids shown)
ROW_CASES: list[tuple[str, Any, list[Any], int, int, bool, list[int | None]]] = [
    ("no null", rule(NOT_NULL, column="name"), rows("name", "a", ""), 0, 2, True, []),
    ("nulls are counted over all rows", rule(NOT_NULL, column="name"), rows("name", "a", None, None), 2, 3, False, [2, 3]),
    ("a share exactly at mostly holds", rule(NOT_NULL, column="name", mostly=0.5), rows("name", "a", None), 1, 2, True, []),
    ("a share below mostly fails", rule(NOT_NULL, column="name", mostly=0.51), rows("name", "a", None), 1, 2, False, [2]),
    ("all distinct", rule(UNIQUE, column="name"), rows("name", "a", "b", "A"), 0, 3, True, []),
    ("all members of a group are unexpected", rule(UNIQUE, column="name"), rows("name", "a", "b", "a", "a"), 3, 4, False, [1, 3, 4]),
    ("nulls are no duplicates", rule(UNIQUE, column="name"), rows("name", None, None, "a"), 0, 1, True, []),
    ("zero equals minus zero, NaN equals NaN", rule(UNIQUE, column="ratio"), rows("ratio", 0.0, -0.0, math.nan, math.nan, 1.0), 4, 5, False, [1, 2, 3, 4]),
    (
        "a null in a key equals a null",
        rule(COMPOUND, column_list=["name", "n"]),
        [row(1, name="a"), row(2, name="a"), row(3, n=1), row(4)],
        2,
        3,
        False,
        [1, 2],
    ),
    ("values of the set", rule(IN_SET, column="n", value_set=[1, 2]), rows("n", 1, 2, None), 0, 2, True, []),
    ("values beyond the set", rule(IN_SET, column="name", value_set=["a"]), rows("name", "a", "A", " a"), 2, 3, False, [2, 3]),
    ("an empty set has nothing", rule(IN_SET, column="n", value_set=[]), rows("n", 1), 1, 1, False, [1]),
    ("dates are written as text", rule(IN_SET, column="day", value_set=["2017-01-01"]), rows("day", day("2017-01-01"), day("2017-01-02")), 1, 2, False, [2]),
    ("a quote in a value is only a quote", rule(IN_SET, column="name", value_set=["x' OR '1'='1"]), rows("name", "a"), 1, 1, False, [1]),
    ("a match anywhere will do", rule(REGEX, column="name", regex="b"), rows("name", "abc", "b"), 0, 2, True, []),
    ("anchors hold", rule(REGEX, column="name", regex="^b$"), rows("name", "abc", "b", None), 1, 2, False, [1]),
    ("bounds belong to the range", rule(BETWEEN, column="n", min_value=1, max_value=3), rows("n", 1, 2, 3, None), 0, 3, True, []),
    ("below and above", rule(BETWEEN, column="n", min_value=1, max_value=3), rows("n", 0, 4, 2), 2, 3, False, [1, 2]),
    ("strict bounds do not", rule(BETWEEN, column="n", min_value=1, max_value=3, strict_min=True, strict_max=True), rows("n", 1, 2, 3), 2, 3, False, [1, 3]),
    ("a fraction bounds whole numbers", rule(BETWEEN, column="n", min_value=1.5), rows("n", 1, 2), 1, 2, False, [1]),
    ("a decimal equal to the bound is in", rule(BETWEEN, column="price", min_value=0.1, max_value=0.3), rows("price", 0.1, 0.3), 0, 2, True, []),
    ("NaN is above everything", rule(BETWEEN, column="ratio", max_value=9), rows("ratio", math.nan, 1.0), 1, 2, False, [1]),
    ("a date bounds timestamps by its midnight", rule(BETWEEN, column="at", max_value="2017-01-01"), rows("at", ts("2017-01-01"), ts("2017-01-01T00:00:01")), 1, 2, False, [2]),
    ("only nulls hold vacuously", rule(BETWEEN, column="n", min_value=1), rows("n", None, None), 0, 0, True, []),
    ("lengths are of characters, not bytes", rule(LENGTH, column="name", min_value=2, max_value=2), rows("name", "äö", "a", None), 1, 2, False, [2]),
    ("greater", rule(GREATER, column_A="n", column_B="id"), [row(1, n=2), row(2, n=2), row(3)], 1, 3, False, [2]),
    ("greater or equal", rule(GREATER, column_A="n", column_B="id", or_equal=True), [row(1, n=2), row(2, n=2)], 0, 2, True, []),
    ("two nulls are ignored", rule(GREATER, column_A="valid_to", column_B="valid_from"), [row(1)], 0, 0, True, []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "e", "data", "unexpected", "considered", "holds", "ids"),
    ROW_CASES,
    ids=[c[0] for c in ROW_CASES],
)
def test_row_rule(
    spark: SparkSession,
    what: str,
    e: Any,
    data: list[Any],
    unexpected: int,
    considered: int,
    holds: bool,
    ids: list[int | None],
) -> None:
    data = [tuple(_decimal(v) if c == "price" else v for c, v in zip(COLUMNS, r, strict=True)) for r in data]
    result = judged(spark.createDataFrame(data, SCHEMA), e)[0]
    assert result.exception is None
    assert (result.unexpected_count, result.element_count - (result.missing_count or 0), result.success) == (
        unexpected,
        considered,
        holds,
    )
    assert [json.loads(k) for k in result.sample_keys] == [{"id": i} for i in ids]
    assert result.unexpected_percent == (unexpected / considered * 100 if considered else None)


def _decimal(value: Any) -> Any:
    from decimal import Decimal

    return None if value is None else Decimal(str(value))


@pytest.mark.parametrize(
    "kind",
    sorted(k for k in EXPECTATIONS if k.startswith("expect_column_values") or "pair" in k or "lengths" in k),
)
def test_an_empty_table_keeps_every_rule_about_rows(spark: SparkSession, kind: str) -> None:
    arguments = {
        "column": "n",
        "value_set": [1],
        "regex": "a",
        "min_value": 1,
        "column_A": "n",
        "column_B": "id",
        "table": "t",
        "table_column": "k",
    }
    needs, takes = EXPECTATIONS[kind]
    e = rule(kind, **{k: v for k, v in arguments.items() if k in needs | takes})
    result = judged(spark.createDataFrame([], SCHEMA), e, tables={"t": spark.createDataFrame([], "k int")})[0]
    assert (result.success, result.unexpected_count, result.unexpected_percent, result.exception) == (
        True,
        0,
        None,
        None,
    )
