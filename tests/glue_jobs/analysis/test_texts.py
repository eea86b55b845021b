"""Queries of many dialects: what validate says of each, beside what Spark's own parser and analyser say."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from glue_jobs.analysis.empty_tables import empty_rows
from glue_jobs.analysis.regexes import refused_regexes
from glue_jobs.errors import RunError
from glue_jobs.sql_query import Query
from lakehouse.pipelines.sql import read_statements
from lakehouse.pipelines.sql_lint import check_text
from lakehouse.pipelines.sql_regexes import java_fault
from lakehouse.reading.faults import Collector
from tests.lakehouse.pipelines.sql_texts import COLUMNS, SEMANTIC, TEXTS

# What almost nobody means: `WHERE` names the table to Spark, and `'it''s'` is the text `its`.
REFUSED_BY_VALIDATE_ALONE = {"SELECT id FROM t WHERE", "SELECT 'it''s' AS a, 'it\\'s' AS b FROM t"}


def file_of(query: str) -> str:
    """The text of a SQL file; `t` stands for silver.loan_enrich."""
    return "CREATE TABLE gold.x AS\n" + re.sub(
        r"\b(FROM|JOIN|TABLE|OUTER) t\b", r"\1 silver.loan_enrich", query
    )


def quick_is_sound(query: str) -> bool:
    text, faults = file_of(query), Collector(Path("/tree"))
    _, errors = read_statements(text)
    check_text(text, Path("/tree/x.sql"), faults)
    return not errors and not faults.faults


def spark_is_sound(spark: SparkSession, query: str) -> bool:
    statements, errors = read_statements(file_of(query))
    try:
        for statement in statements:
            frames = {"silver_loan_enrich": empty_rows(spark, COLUMNS)} if statement.reads else {}
            Query(statement)(spark=spark, run_date=date(2000, 1, 1), params={}, **frames)
    except (PySparkException, RunError):
        return False
    return not errors


def test_the_quick_form_says_what_spark_says_but_for_names_and_types(spark: SparkSession) -> None:
    sound = {query: spark_is_sound(spark, query) for query in TEXTS}
    passed = {query for query in TEXTS if quick_is_sound(query) and not sound[query]}
    refused = {query for query in TEXTS if not quick_is_sound(query) and sound[query]}
    assert passed == SEMANTIC
    assert refused == REFUSED_BY_VALIDATE_ALONE


@pytest.mark.parametrize("query", ["SELECT gold.id FROM t gold", "SELECT m.gold.cnt FROM t"])
def test_a_name_that_is_spelled_like_a_layer_is_no_table(query: str) -> None:
    (statement,), errors = read_statements(file_of(query))
    assert (statement.reads, errors) == (("silver.loan_enrich",), [])


PATTERNS = {
    **dict.fromkeys(["[", "(", "a)", "*a", "a**", "a{3,1}", "[z-a]", "a\\", "(?P<x>a)", "(?#c)a"], False),
    **dict.fromkeys(["(?<a_b>x)", "(?(1)a|b)", "(?'x'a)"], False),
    **dict.fromkeys(
        ["(?<ab1>x)", "(?<=a)b", "(?<!a)b", r"\(?#", r"\p{L}+", "[a-z&&[^b]]", "a++", "a*+b"], True
    ),
    **dict.fromkeys(["[]a]", r"\Qa(\E", r"\\", "(?i)a", "(?>a|b)", "a{2,}", "|", "^$", r"\R", "[^]]"], True),
}
CALLS = ("name RLIKE {}", "regexp_replace(name, {}, '')", "size(split(name, {}))", "regexp_extract(name, {})")


def as_literal(pattern: str) -> str:
    return "'" + pattern.replace("\\", "\\\\").replace("'", "\\'") + "'"


def test_a_pattern_that_java_does_not_compile_is_refused_before_a_row_is_read(spark: SparkSession) -> None:
    rows = spark.range(1).selectExpr("string(id) AS name")
    wrong = {pattern for pattern, compiles in PATTERNS.items() if not compiles}
    for call in CALLS:
        columns = [f"{call.format(as_literal(p))} AS c{i}" for i, p in enumerate(PATTERNS)]
        assert {pattern for pattern, _ in refused_regexes(spark, rows.selectExpr(*columns))} == wrong
    assert {pattern for pattern in PATTERNS if java_fault(pattern)} == wrong
    quick = {p for p in PATTERNS if not quick_is_sound(f"SELECT id FROM t WHERE name RLIKE {as_literal(p)}")}
    assert quick == wrong
