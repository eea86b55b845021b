"""A table follows its contract: wider types keep every value, and anything else is refused before a write."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from deltalake import DeltaTable as DeltaRs
from pyspark.sql import SparkSession

from cli.tables.storage import storage_options
from glue_jobs.errors import RunError
from glue_jobs.tables import delta_log, read
from glue_jobs.tables.evolution import evolve
from glue_jobs.tables.merge import merge
from glue_jobs.tables.target import append, replace
from lakehouse.contracts import Contract
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract, target

AT = datetime(2017, 1, 31, 10, tzinfo=UTC)
KEY = {"type": "integer"}
WHEN = {"type": "string", "format": "date-time"}


def of(columns: dict[str, Any], **lake: Any) -> Contract:
    return contract("silver.things", {"id": KEY, **columns, "changed_at": WHEN}, **lake)


def column(kind: str, json_type: str = "number") -> dict[str, Any]:
    return {"type": [json_type, "null"], "x-lake": {"type": kind}}


def table(spark: SparkSession, env: Environment, before: Contract, *rows: tuple[Any, ...]) -> Any:
    """A table under its first contract, with these rows."""
    made = target(spark, env, before)
    append(made, spark.createDataFrame(list(rows), before.ddl))
    return made


def follow(spark: SparkSession, env: Environment, made: Any, after: Contract, batch: int = 2) -> Any:
    written = target(spark, env, after, batch=batch, uri=made.uri)
    evolve(written)
    return written


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


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        (column("bigint", "integer"), column("int", "integer"), "RUN216", "n is bigint in the table and int"),
        (column("string", "string"), column("int", "integer"), "RUN216", "n is string"),
        (column("decimal(12,2)"), column("decimal(12,4)"), "RUN216", r"n is decimal\(12,2\)"),
        (column("bigint", "integer"), column("double"), "RUN216", "n is bigint"),
        (
            {"type": ["object", "null"], "x-lake": {"type": "struct<a:int,b:int>"}},
            {"type": ["object", "null"], "x-lake": {"type": "struct<a:int>"}},
            "RUN216",
            "struct<a:int,b:int>",
        ),
    ],
)
def test_what_would_change_a_value_is_refused_before_anything_is_written(
    old: Any, new: Any, code: str, message: str, spark: SparkSession, local_env: Environment
) -> None:
    made = table(spark, local_env, of({"n": old}))
    version = delta_log.version(spark, made.uri)
    with pytest.raises(RunError, match=message) as caught:
        follow(spark, local_env, made, of({"n": new}))
    assert caught.value.code == code
    assert delta_log.version(spark, made.uri) == version


def test_a_dropped_column_is_refused_until_the_contract_says_so(
    spark: SparkSession, local_env: Environment
) -> None:
    made = table(spark, local_env, of({"n": column("int", "integer")}), (1, 7, AT))
    renamed = of({"m": column("int", "integer")})
    with pytest.raises(RunError, match=r"RUN217 silver\.things: the table has a column n.*m is its new name"):
        follow(spark, local_env, made, renamed)
    follow(spark, local_env, made, of({"m": column("int", "integer")}, dropped=["n"]))
    assert spark.read.format("delta").load(made.uri).columns == ["id", "m", "changed_at"]


def test_nulls_in_a_column_that_may_have_none_are_refused(
    spark: SparkSession, local_env: Environment
) -> None:
    loose, strict = (
        of({"n": column("int", "integer")}),
        of({"n": {"type": "integer", "x-lake": {"type": "int"}}}),
    )
    made = table(spark, local_env, loose, (1, None, AT))
    with pytest.raises(RunError, match=r"RUN218 silver\.things: n may be null no longer"):
        follow(spark, local_env, made, strict)
    sound = table(spark, local_env, loose, (1, 7, AT))
    follow(spark, local_env, sound, strict)
    version = delta_log.version(spark, sound.uri)
    follow(spark, local_env, sound, strict, batch=3)
    assert delta_log.version(spark, sound.uri) == version
    follow(spark, local_env, sound, loose, batch=4)
    append(
        target(spark, local_env, loose, batch=5, uri=sound.uri),
        spark.createDataFrame([(2, None, AT)], loose.ddl),
    )
    with pytest.raises(RunError, match="RUN218"):
        follow(spark, local_env, sound, strict, batch=6)


def test_other_partitions_are_refused(spark: SparkSession, local_env: Environment) -> None:
    columns = {"day": {"type": "string", "format": "date"}}
    made = table(spark, local_env, of(columns, partition_by=["day"]), (1, date(2017, 1, 31), AT))
    with pytest.raises(RunError, match=r"RUN219 silver\.things: the table is partitioned by day"):
        follow(spark, local_env, made, of(columns))


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
