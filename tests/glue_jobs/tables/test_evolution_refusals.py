"""What would change or lose a stored value is refused before anything is written."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.errors import RunError
from glue_jobs.tables import delta_log
from glue_jobs.tables.target import append
from lakehouse.environments import Environment
from tests.glue_jobs.builders import target
from tests.glue_jobs.tables.evolution_tables import AT, column, follow, of, table

PAIR = {"type": ["object", "null"], "x-lake": {"type": "struct<a:int,b:int>"}}
STORED = {
    "n": column("bigint", "integer"),
    "text": column("string", "string"),
    "amount": column("decimal(12,2)"),
    "pair": PAIR,
}


@pytest.fixture(scope="module")
def stored(spark: SparkSession, local_env: Environment) -> Any:
    return table(spark, local_env, of(STORED))


@pytest.mark.parametrize(
    ("name", "other", "message"),
    [
        ("n", column("int", "integer"), "n is bigint in the table and int"),
        ("text", column("int", "integer"), "text is string"),
        ("amount", column("decimal(12,4)"), r"amount is decimal\(12,2\)"),
        ("n", column("double"), "n is bigint"),
        ("pair", {**PAIR, "x-lake": {"type": "struct<a:int>"}}, "struct<a:int,b:int>"),
    ],
)
def test_what_would_change_a_value_is_refused_before_anything_is_written(
    name: str, other: Any, message: str, spark: SparkSession, local_env: Environment, stored: Any
) -> None:
    version = delta_log.version(spark, stored.uri)
    with pytest.raises(RunError, match=message) as caught:
        follow(spark, local_env, stored, of({**STORED, name: other}))
    assert caught.value.code == "RUN216"
    assert delta_log.version(spark, stored.uri) == version


def test_the_natural_key_of_a_dimension_keeps_its_type(spark: SparkSession, local_env: Environment) -> None:
    lake: dict[str, Any] = {"write": "scd2", "business_key": ["n"], "tracked": ["text"]}
    columns = {"n": column("int", "integer"), "text": column("string", "string")}
    made = table(spark, local_env, of(columns, **lake))
    with pytest.raises(RunError, match=r"RUN216 .*n is int in the table and bigint.*surrogate keys"):
        follow(spark, local_env, made, of({**columns, "n": column("bigint", "integer")}, **lake))


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
