"""Spark's own parser sees each query before it runs; a query that would leave the job's tables never runs."""

from __future__ import annotations

from datetime import date

import pytest
from pyspark.errors import AnalysisException, ParseException
from pyspark.sql import SparkSession

from glue_jobs.tables.query_guard import QueryRefusedError, check_analyzed, check_clock, check_parsed
from tests.lakehouse.pipelines.sql_escapes import ESCAPES, SOUND

# Text or a comment to Spark, whose substitution is off; only validate refuses it.
TEXT_ONLY = {
    "an environment variable",
    "a setting of Spark",
    "a template",
    "a backslash that Spark drops",
    "a point that is any character",
    "a comment in a comment",
    "a comment that goes on",
    "a format of Python",
    "a percent format",
    "a position",
    "a postfix",
}
# Spark reads these as a column, a literal or a function that exists while it parses.
# Only validate refuses them.
CLOCK = {
    "today without brackets",
    "now as a literal",
    "now as seconds",
    "a cast of the clock",
    "a date of the clock",
    "a day before today",
    "a day until today",
    "a day before now",
    "the user without brackets",
    "a sample without a seed",
    "the session's user without brackets",
    "a clock word put together",
    "a day put together",
}
# Names that Spark looks for only when it analyses the query.
UNRESOLVED = {"a name of a WITH outside of it", "a name of a WITH before it", "a window that is not stated"}


@pytest.mark.parametrize("escape", [name for name in ESCAPES if name not in TEXT_ONLY | CLOCK | UNRESOLVED])
def test_a_query_that_would_leave_its_tables_does_not_run(escape: str, spark: SparkSession) -> None:
    with pytest.raises((QueryRefusedError, ParseException)):
        check_parsed(spark, ESCAPES[escape], ["t"])


@pytest.mark.parametrize("escape", sorted(UNRESOLVED))
def test_a_name_that_its_query_does_not_state_is_found_nowhere(escape: str, spark: SparkSession) -> None:
    spark.range(3).createOrReplaceTempView("t")
    with pytest.raises((AnalysisException, ParseException)):
        spark.sql(ESCAPES[escape])


@pytest.mark.parametrize("query", SOUND)
def test_an_ordinary_query_runs(query: str, spark: SparkSession) -> None:
    rows = spark.range(3)
    rows.createOrReplaceTempView("t")
    try:
        check_parsed(spark, SOUND[query], ["t"])
        result = spark.sql(SOUND[query])
        check_analyzed(result, [rows])
        assert result.columns
    finally:
        spark.catalog.dropTempView("t")


def test_substitution_is_off(spark: SparkSession) -> None:
    assert spark.sql("SELECT '${env:PATH}' AS x").collect()[0].x == "${env:PATH}"


def test_a_leaf_that_is_no_input_is_refused(spark: SparkSession) -> None:
    first, second = spark.createDataFrame([(1,)], "a int"), spark.createDataFrame([(2,)], "a int")
    joined = first.join(second, "a")
    check_analyzed(joined, [first, second])
    with pytest.raises(QueryRefusedError, match="no table of its job"):
        check_analyzed(joined, [first])


# Each gives other rows on another day or for another user. Only its analysis tells: `s` is a text, `d` a day.
FOLLOWS_THE_SESSION = (
    "SELECT user FROM t",
    "SELECT d = 'now' AS x FROM t",
    "SELECT d <> 'today' AS x FROM t",
    "SELECT d <=> ' Yesterday ' AS x FROM t",
    "SELECT CASE d WHEN 'tomorrow' THEN 1 END AS x FROM t",
    "SELECT s FROM t WHERE d = concat('to', 'day')",
    "SELECT a.s FROM t a JOIN t b ON a.d = b.d AND a.d = 'today'",
    "SELECT s FROM t WHERE d > (SELECT max(d) FROM t WHERE d = 'now')",
    "SELECT CURRENT_DATE AS x FROM t",
    "SELECT unix_timestamp() AS x FROM t",
    "SELECT TIMESTAMP(replace('noXw', 'X', '')) AS x FROM t",
)


@pytest.mark.parametrize("query", FOLLOWS_THE_SESSION)
def test_a_query_whose_rows_follow_the_clock_or_the_session_does_not_run(
    query: str, spark: SparkSession
) -> None:
    rows = spark.sql("SELECT 'now' AS s, DATE '2017-01-31' AS d")
    rows.createOrReplaceTempView("t")
    try:
        with pytest.raises(QueryRefusedError, match="reads the clock or the session"):
            check_clock(spark.sql(query))
    finally:
        spark.catalog.dropTempView("t")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT s = 'now' AS x FROM t WHERE s IN ('today', 'now')",
        "SELECT s FROM t WHERE d IN ('today')",
        "SELECT CAST(s AS DATE) AS x, d = '2017-01-31' AS y FROM t",
        "SELECT coalesce(s, 'now') AS x, array(s, 'today') AS y FROM t",
    ],
)
def test_words_of_the_clock_beside_texts_are_texts(query: str, spark: SparkSession) -> None:
    rows = spark.sql("SELECT 'now' AS s, DATE '2017-01-31' AS d")
    rows.createOrReplaceTempView("t")
    try:
        check_analyzed(spark.sql(query), [rows])
        check_clock(spark.sql(query))
    finally:
        spark.catalog.dropTempView("t")


@pytest.mark.parametrize(
    "query",
    ["SELECT s FROM t", "WITH t2 AS (SELECT * FROM t) SELECT a.s FROM t2 a JOIN t b ON a.came = b.came"],
)
def test_a_table_may_say_when_its_rows_came_and_a_query_of_it_may_not_ask(
    query: str, spark: SparkSession
) -> None:
    rows = spark.sql("SELECT 's' AS s, current_timestamp() AS came")
    rows.createOrReplaceTempView("t")
    try:
        check_analyzed(spark.sql(query), [rows])
        check_clock(spark.sql(query))
        with pytest.raises(QueryRefusedError, match="reads the clock"):
            check_clock(spark.sql(f"SELECT *, now() AS n FROM ({query})"))
    finally:
        spark.catalog.dropTempView("t")


def test_a_doubled_quote_is_none_to_spark_and_texts_side_by_side_are_one(spark: SparkSession) -> None:
    query = """SELECT 'O''Brien', 'O\\'Brien', "a""b", 'AT' 'DE', to_date('2017-05-06', 'yyyy-mm-dd')"""
    assert list(spark.sql(query).collect()[0]) == ["OBrien", "O'Brien", "ab", "ATDE", date(2017, 1, 6)]
