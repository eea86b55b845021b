"""Rules that need neighbours or another table: intervals, uniqueness, references."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from tests.glue_jobs.builders import local_frame
from tests.glue_jobs.quality.helpers import judged, rule

HISTORY = "id int, c string, f timestamp, t timestamp"


CONTIGUOUS = rule("expect_intervals_to_be_contiguous", column_list=["c"], valid_from="f", valid_to="t")


def d(day: int) -> datetime:
    return datetime(2017, 1, day)


NEVER = datetime(9999, 12, 31)


INTERVALS = {
    "one open version": ([("a", d(1), None)], []),
    "the year 9999 is open": ([("a", d(1), d(2)), ("a", d(2), NEVER)], []),
    "keys do not touch each other": ([("a", d(1), None), ("b", d(3), d(5)), ("b", d(5), None)], []),
    "a gap": ([("a", d(1), d(2)), ("a", d(3), None)], [0]),
    "an overlap": ([("a", d(1), d(4)), ("a", d(3), None)], [0]),
    "two open versions": ([("a", d(1), None), ("a", d(3), None)], [0]),
    "no open version": ([("a", d(1), d(2)), ("a", d(2), d(3))], [1]),
    "an interval that ends before it starts": ([("a", d(2), d(1)), ("a", d(1), None)], [0, 1]),
    "an interval of no length": ([("a", d(1), d(1)), ("a", d(1), None)], [0]),
    "no start": ([("a", None, None)], [0]),
    "a version inside another": ([("a", d(1), d(9)), ("a", d(3), d(4)), ("a", d(9), None)], [0, 1]),
}


@pytest.mark.parametrize("name", INTERVALS)
def test_intervals(spark: SparkSession, name: str) -> None:
    versions, wrong = INTERVALS[name]
    df = local_frame(spark, HISTORY, *[(i, *v) for i, v in enumerate(versions)])
    result = judged(df, CONTIGUOUS)[0]
    assert (result.success, result.unexpected_count) == (not wrong, len(wrong))
    assert [json.loads(k)["id"] for k in result.sample_keys] == wrong


def exists(**more: object) -> object:
    return rule(
        "expect_column_values_to_exist_in_table",
        column="c",
        table="silver.customers",
        table_column="k",
        **more,
    )


def test_a_value_that_the_other_table_lacks_is_unexpected_and_null_is_ignored(spark: SparkSession) -> None:
    df = spark.createDataFrame([(1, "a"), (2, "x"), (3, None), (4, "x"), (5, "a")], "id int, c string")
    customers = spark.createDataFrame([("a",), ("a",), (None,)], "k string")
    result = judged(df, exists(), tables={"silver.customers": customers})[0]
    assert (result.success, result.unexpected_count, result.missing_count, result.unexpected_percent) == (
        False,
        2,
        1,
        50.0,
    )
    assert result.sample_keys == ('{"id":2}', '{"id":4}')
    assert judged(df, exists(mostly=0.5), tables={"silver.customers": customers})[0].success


def test_a_number_is_not_looked_up_among_texts(spark: SparkSession) -> None:
    df = spark.createDataFrame([(1, 7)], "id int, c int")
    customers = spark.createDataFrame([("007",)], "k string")
    result = judged(df, exists(), tables={"silver.customers": customers})[0]
    assert (result.success, result.exception) == (False, "a column of int is looked up in one of string")


def test_a_table_may_refer_to_itself(spark: SparkSession) -> None:
    df = spark.createDataFrame([(1, "a", "a"), (2, "b", "a")], "id int, c string, k string")
    assert judged(df, exists(), tables={"silver.customers": df})[0].unexpected_count == 1


def test_keys_whose_hashes_collide_are_told_apart_by_the_keys_themselves(spark: SparkSession) -> None:
    # xxhash64 skips nulls, so these two keys hash alike.
    df = spark.createDataFrame(
        [(1, "x", None), (2, None, "x"), (3, "y", None), (4, "y", None)], "id int, a string, b string"
    )
    assert df.select(F.xxhash64("a", "b")).distinct().count() == 2
    result = judged(df, rule("expect_compound_columns_to_be_unique", column_list=["a", "b"]))[0]
    assert (result.unexpected_count, result.sample_keys) == (2, ('{"id":3}', '{"id":4}'))
