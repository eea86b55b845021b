"""A table follows its contract: wider types keep every value, and anything else is refused before a write."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from deltalake import DeltaTable as DeltaRs
from pyspark.sql import SparkSession

from cli.tables.storage import storage_options
from glue_jobs.tables import delta_log, read
from glue_jobs.tables.evolution import evolve
from glue_jobs.tables.merge import merge
from glue_jobs.tables.target import append, replace
from lakehouse.environments import Environment
from tests.glue_jobs.tables.evolution_tables import AT, column, follow, of, table

OLD = of(
    {
        "n": column("int", "integer"),
        "amount": column("decimal(10,2)"),
        "share": column("float"),
        "code": column("int", "integer"),
        "day": {"type": ["string", "null"], "format": "date"},
        "part": {"type": ["object", "null"], "x-lake": {"type": "struct<a:int,b:string>"}},
        "parts": {"type": ["array", "null"], "x-lake": {"type": "array<struct<a:int>>"}},
    }
)
NEW = of(
    {
        "n": column("bigint", "integer"),
        "amount": column("decimal(12,2)"),
        "share": column("double"),
        "code": column("string", "string"),
        "day": {"type": ["string", "null"], "format": "date-time"},
        "part": {"type": ["object", "null"], "x-lake": {"type": "struct<b:string,a:bigint,c:date>"}},
        "parts": {"type": ["array", "null"], "x-lake": {"type": "array<struct<a:bigint>>"}},
    }
)
ROW = (1, 7, Decimal("1.25"), 0.5, 42, date(2017, 1, 31), (3, "x"), [(4,)], AT)
EMPTY = (2, None, None, None, None, None, None, None, AT)


def test_wider_types_keep_every_value_and_the_reader_version(
    spark: SparkSession, local_env: Environment
) -> None:
    made = table(spark, local_env, OLD, ROW, EMPTY)
    written = follow(spark, local_env, made, NEW)
    append(written, spark.createDataFrame([(3, 2**40, None, None, "x9", None, None, None, AT)], NEW.ddl))
    # Read by delta-rs, which is not Spark.
    stored = DeltaRs(made.uri, storage_options=storage_options(local_env))
    rows = {row["id"]: row for row in stored.to_pyarrow_table().to_pylist()}
    assert (rows[1]["n"], rows[1]["amount"], rows[1]["share"], rows[1]["code"]) == (
        7,
        Decimal("1.25"),
        0.5,
        "42",
    )
    assert (rows[1]["part"], rows[1]["parts"]) == ({"b": "x", "a": 3, "c": None}, [{"a": 4}])
    assert rows[1]["day"].isoformat() == "2017-01-31T00:00:00+00:00"
    assert rows[2]["part"] is None
    assert rows[3]["n"] == 2**40
    assert stored.protocol().min_reader_version <= 2
    assert delta_log.columns(spark, made.uri) == [(n, k) for n, k in NEW.stored]
    version = delta_log.version(spark, made.uri)
    evolve(written)
    assert delta_log.version(spark, made.uri) == version


def test_a_merge_and_the_readers_of_changes_go_on_across_a_wider_type(
    spark: SparkSession, local_env: Environment
) -> None:
    before, after = of({"n": column("int", "integer")}), of({"n": column("string", "string")})
    made = table(spark, local_env, before, (1, 7, AT), (2, 8, AT))
    written = follow(spark, local_env, made, after)
    merge(
        written,
        spark.createDataFrame([(2, "nine", AT.replace(day=30, month=6)), (3, "x", AT)], after.ddl),
        {},
    )
    until = delta_log.version(spark, made.uri)
    changed = read.net_rows(spark, made.uri, ("id",), 0, until)
    assert {r.id: r.n for r in changed.collect() if not r._deleted} == {1: "7", 2: "nine", 3: "x"}
    assert {r.id for r in read.new_rows(spark, made.uri, 0, until).collect()} == {1, 2, 3}
    assert {r.id for r in read.new_rows(spark, made.uri, until - 1, until).collect()} == {2, 3}


def test_columns_are_added_and_put_in_order_without_reading_a_row(
    spark: SparkSession, local_env: Environment
) -> None:
    made = table(
        spark, local_env, of({"a": column("int", "integer"), "b": column("int", "integer")}), (1, 2, 3, AT)
    )
    after = of({"b": column("int", "integer"), "new": column("double"), "a": column("int", "integer")})
    files = set(spark.read.format("delta").load(made.uri).inputFiles())
    follow(spark, local_env, made, after)
    stored = spark.read.format("delta").load(made.uri)
    assert stored.columns == ["id", "b", "new", "a", "changed_at"]
    assert [tuple(r)[:4] for r in stored.collect()] == [(1, 3, None, 2)]
    assert set(stored.inputFiles()) == files


def test_a_table_that_is_replaced_whole_takes_any_columns(
    spark: SparkSession, local_env: Environment
) -> None:
    before = of({"n": column("string", "string")}, write="replace")
    made = table(spark, local_env, before, (1, "x", AT))
    after = of({"m": column("int", "integer")}, write="replace")
    replace(follow(spark, local_env, made, after), spark.createDataFrame([(2, 5, AT)], after.ddl))
    assert delta_log.columns(spark, made.uri) == list(after.stored)
    changed = read.net_rows(spark, made.uri, ("id",), 0, delta_log.version(spark, made.uri))
    assert sorted((r.id, r.m, r._deleted) for r in changed.collect()) == [(1, None, True), (2, 5, False)]
