"""A suite is judged rule by rule, also on a table that it does not fit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from pyspark.sql import SparkSession

from tests.glue_jobs.quality.helpers import judged, rule


def test_a_rule_that_does_not_fit_fails_by_itself_and_the_others_are_judged(spark: SparkSession) -> None:
    df = spark.createDataFrame([(1, "a", [1])], "id int, name string, list array<int>")
    unfit = [
        rule("expect_column_values_to_not_be_null", column="nmae"),
        rule("expect_column_mean_to_be_between", column="name", min_value=1),
        rule("expect_column_values_to_be_between", column="list", min_value=1),
        rule("expect_column_values_to_be_between", column="id", min_value=3, max_value=1),
        rule("expect_column_values_to_be_between", column="id"),
        rule("expect_column_values_to_be_between", column="id", min_value="early"),
        rule("expect_column_max_to_be_between", column="name", min_value=1),
        rule("expect_column_value_lengths_to_be_between", column="name", min_value=1.5),
    ]
    results = judged(df, *unfit, rule("expect_column_values_to_be_unique", column="id"))
    assert [r.success for r in results] == [False] * len(unfit) + [True]
    assert all(r.exception for r in results[:-1])
    assert results[0].exception == "the table has no column 'nmae'"
    assert results[-1].exception is None


def test_a_rule_whose_values_spark_would_cast_fails_and_none_passes_by_it(spark: SparkSession) -> None:
    df = spark.createDataFrame(
        [("01", "5", date(2017, 1, 31), 5)], "code string, amount string, day date, number int"
    )
    unfit = [
        rule("expect_column_values_to_be_between", column="amount", min_value=10),
        rule("expect_column_values_to_be_between", column="amount", min_value="2018-01-01"),
        rule("expect_column_values_to_be_between", column="day", min_value=10),
        rule("expect_column_values_to_be_between", column="number", max_value="2017-01-31"),
        rule("expect_column_max_to_be_between", column="amount", max_value=1),
        rule("expect_column_sum_to_be_between", column="amount", min_value=1),
        rule("expect_column_values_to_be_in_set", column="code", value_set=[1]),
        rule("expect_column_values_to_be_in_set", column="number", value_set=["5", True]),
        rule("expect_column_values_to_match_regex", column="number", regex="5"),
        rule("expect_column_value_lengths_to_be_between", column="number", max_value=1),
        rule("expect_column_pair_values_a_to_be_greater_than_b", column_A="code", column_B="number"),
        rule("expect_table_to_be_fresh", column="code", max_age_days=1),
    ]
    results = judged(df, *unfit, rule("expect_column_values_to_be_between", column="number", min_value=5))
    assert [r.success for r in results] == [False] * len(unfit) + [True]
    assert all(r.exception for r in results[:-1])


def test_a_bound_that_no_value_can_have_fails_alone_or_says_what_it_says(spark: SparkSession) -> None:
    df = spark.createDataFrame(
        [(Decimal("1.5"), 7, datetime(2017, 1, 31, tzinfo=UTC))],
        "price decimal(18,4), number bigint, at timestamp",
    )
    kind = "expect_column_values_to_be_between"
    rules = [
        rule(kind, column="price", min_value=1e50),
        rule(kind, column="number", min_value=10**60),
        rule(kind, column="number", min_value=1e300),
        rule(kind, column="at", min_value="0001-01-01T00:00:00+04:00"),
        rule(kind, column="at", min_value="9999-12-31T23:59:59-04:00"),
        rule("expect_column_sum_to_be_between", column="price", min_value=1e50),
    ]
    sound = [
        rule(kind, column="price", max_value=2),
        rule(kind, column="at", min_value="0001-01-01T04:00:00+04:00", max_value="9999-12-31T19:59:59-04:00"),
    ]
    results = judged(df, *rules, *sound)
    assert [r.success for r in results] == [False] * len(rules) + [True, True]


def test_bounds_beyond_the_digits_of_a_double_are_exact(spark: SparkSession) -> None:
    df = spark.createDataFrame([(2**53,)], "number bigint")
    kind = "expect_column_values_to_be_between"
    low = rule(kind, column="number", min_value=2**53 + 1)
    high = rule(kind, column="number", max_value=10**30 + 1)
    assert [result.success for result in judged(df, low, high)] == [False, True]


def test_a_column_of_any_name_can_be_judged(spark: SparkSession) -> None:
    df = spark.createDataFrame([(1, None)], "id int, `we.ird``; DROP TABLE x --` string")
    result = judged(df, rule("expect_column_values_to_not_be_null", column="we.ird`; DROP TABLE x --"))[0]
    assert (result.unexpected_count, result.exception) == (1, None)


def test_freshness_is_measured_from_the_logical_date(spark: SparkSession) -> None:
    df = spark.createDataFrame([(1, date(2017, 1, 31))], "id int, day date")
    assert judged(df, rule("expect_table_to_be_fresh", column="day", max_age_days=0))[0].success


def test_a_bound_of_long_ago_is_the_instant_that_it_says(spark: SparkSession) -> None:
    kind = "expect_column_values_to_be_between"
    for day in ("0001-01-01", "0099-12-31", "1500-01-01", "1582-10-10"):
        moment = f"{day}T12:00:00Z"
        df = spark.createDataFrame([(moment,)], "text string").selectExpr("CAST(text AS timestamp) AS at")
        bounds = [rule(kind, column="at", min_value=moment), rule(kind, column="at", max_value=moment)]
        strict = [
            rule(kind, column="at", min_value=moment, strict_min=True),
            rule(kind, column="at", max_value=moment, strict_max=True),
        ]
        assert [r.success for r in judged(df, *bounds, *strict)] == [True, True, False, False], day
