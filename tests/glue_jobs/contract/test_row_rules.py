"""Rules across the columns of a row, judged by DuckDB's CHECK semantics on the same rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import duckdb
import pytest
from pyspark.sql import SparkSession

from glue_jobs.analysis.rules import _problem
from glue_jobs.contract import align_to_schema, validate_and_quarantine
from glue_jobs.job_types.write_scd2 import _validated
from glue_jobs.streaming.fast_json import NEEDS_REPARSE, fast_json_parser
from glue_jobs.streaming.json_rows import rows_of_json
from glue_jobs.streaming.row_validation import with_reasons, with_validity
from lakehouse.contracts import Contract
from lakehouse.contracts.row_rule import RowRule
from lakehouse.pipelines.sql_condition import NOT_OF_ONE_ROW
from lakehouse.pipelines.sql_functions import ALLOWED
from tests.glue_jobs.builders import contract, frame
from tests.glue_jobs.streaming.frames import MAX_BYTES, messages, topic_contract

RULES = [
    {"name": "ends_after_start", "sql": "b >= a", "reason": "it ends after it starts"},
    {"name": "kind_has_b", "sql": "kind <> 'x' OR b IS NOT NULL", "reason": "an x has a b"},
    {"name": "either", "sql": "a IS NOT NULL OR b IS NOT NULL", "reason": "it's $known"},
    {"name": "sum", "sql": "coalesce(a, 0) + coalesce(b, 0) < 10", "reason": "both are small"},
]
COLUMNS: dict[str, Any] = {
    "id": {"type": "integer"},
    "a": {"type": ["integer", "null"]},
    "b": {"type": ["integer", "null"]},
    "kind": {"type": ["string", "null"]},
}
ROWS = [
    (i, a, b, kind)
    for i, (a, b, kind) in enumerate(
        (a, b, kind) for a in (None, 1, 5, 9) for b in (None, 1, 5) for kind in (None, "x", "y")
    )
]


def of_rules() -> Contract:
    return contract("silver.ruled", COLUMNS, sequence="id", rules=RULES)


def judged() -> dict[int, list[str]]:
    """By DuckDB: a rule is broken where its condition is false; where it is null, the row keeps it."""
    cells = ", ".join(f"CASE WHEN ({r['sql']}) IS FALSE THEN '{r['name']}' END" for r in RULES)
    values = ", ".join(str(tuple("NULL" if v is None else v for v in row)) for row in ROWS)
    values = values.replace("'NULL'", "NULL")
    rows = duckdb.sql(
        f"SELECT id, list_filter([{cells}], x -> x IS NOT NULL) FROM (VALUES {values}) t(id, a, b, kind)"
    )
    return dict(rows.fetchall())


def names(reasons: list[str]) -> list[str]:
    return [reason.partition(":")[0] for reason in reasons]


def test_batch_rows_break_the_rules_that_duckdb_finds_broken(spark: SparkSession) -> None:
    ruled = of_rules()
    rows = frame(spark, "id bigint, a bigint, b bigint, kind string", *ROWS)
    checked = validate_and_quarantine(align_to_schema(rows, ruled, text=False), ruled)
    stored = checked.rows.select(
        "id", checked.is_invalid.alias("bad"), checked.reasons.alias("why")
    ).collect()
    expected = judged()
    assert any(expected.values())
    assert {r.id: names(r.why) for r in stored} == expected
    assert all(r.bad == bool(r.why) for r in stored)
    assert {tuple(r.why) for r in stored if names(r.why) == ["either"]} == {("either: it's $known",)}


def test_messages_of_a_stream_break_the_same_rules_read_fast_or_exactly(spark: SparkSession) -> None:
    ruled = topic_contract("json_lines", COLUMNS, primary_key=["id"], sequence=None, rules=RULES)
    values = [{"id": i, "a": a, "b": b, "kind": kind} for i, a, b, kind in ROWS]
    sent = messages(spark, *values)
    expected = judged()
    fast = fast_json_parser(ruled, MAX_BYTES)(sent)
    marked = {r.id for r in fast.where(f"{NEEDS_REPARSE} IS NOT NULL").select("id").collect()}
    assert marked == {i for i, broken in expected.items() if broken}
    exact = with_reasons(with_validity(rows_of_json(sent, ruled, MAX_BYTES), ruled), ruled)
    stored = exact.rows.select("id", exact.reasons.alias("why")).collect()
    assert {r.id: names(r.why) for r in stored} == {i: broken for i, broken in expected.items() if broken}


def test_a_part_of_a_table_keeps_the_rules_of_its_columns_alone(spark: SparkSession) -> None:
    states = frame(spark, "id bigint, a bigint, valid_since timestamp", (1, None, datetime(2017, 1, 1)))
    ruled = of_rules()
    extra = RowRule(name="a_is_there", sql="a IS NOT NULL", reason="a text with 'b' names no column")
    ruled = replace(ruled, lake=ruled.lake.model_copy(update={"rules": [*ruled.lake.rules, extra]}))
    checked = _validated(states, ruled, ["id", "a"])
    assert checked.rows.select(checked.reasons.alias("why")).collect()[0].why == [
        "a_is_there: a text with 'b' names no column"
    ]


@pytest.mark.parametrize(
    ("sql", "problem"),
    [("a >= b", ""), ("a + b", "is bigint, and no condition"), ("array_max(a) > 1", "is refused by Spark")],
)
def test_spark_says_of_a_rule_that_it_is_no_condition(spark: SparkSession, sql: str, problem: str) -> None:
    text = _problem(spark, of_rules(), RowRule(name="r", sql=sql, reason="r"))
    assert text.startswith(problem)
    assert bool(text) == bool(problem)


def test_every_function_of_many_rows_is_refused_by_sparks_own_registry(spark: SparkSession) -> None:
    jvm: Any = spark._jvm
    registry: Any = jvm.org.apache.spark.sql.catalyst.analysis.FunctionRegistry.builtin()
    tables: Any = jvm.org.apache.spark.sql.catalyst.analysis.TableFunctionRegistry.builtin()
    of_many = set()
    for name in ALLOWED:
        identifier = jvm.org.apache.spark.sql.catalyst.FunctionIdentifier(name)
        for functions in (registry, tables):
            described = functions.lookupFunction(identifier)
            groups = ("agg_funcs", "window_funcs", "generator_funcs")
            if described.isDefined() and described.get().getGroup() in groups:
                of_many.add(name)
    assert len(of_many) > 60
    # `window` and its kin group rows, and are of no group of their own.
    assert of_many <= NOT_OF_ONE_ROW
