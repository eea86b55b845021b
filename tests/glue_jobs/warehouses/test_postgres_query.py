"""`lakehouse query --lakebase` reads the Lakebase, and only reads."""

from __future__ import annotations

import json

import pytest
from pyspark.sql import SparkSession

from lakehouse.environments import Environment
from tests.cli.calls import Call
from tests.glue_jobs.warehouses.lakebase import Lakebase


@pytest.fixture
def lakebase(spark: SparkSession, local_env: Environment) -> Lakebase:
    lakebase = Lakebase(local_env, spark)
    lakebase.write(0, (1, "a", 1, False), (2, "100% [bold]", 1, True))
    return lakebase


@pytest.mark.parametrize("schema", ["gold", "gold_db"])
def test_a_query_is_answered_as_of_the_lake(lakebase: Lakebase, lakehouse: Call, schema: str) -> None:
    sql = f"SELECT id, value, is_deleted FROM {schema}.{lakebase.name} WHERE value LIKE '100\\%%' ORDER BY id"
    answer = lakehouse("query", "--env", "local", "--lakebase", "--json", sql)
    assert (answer.code, json.loads(answer.out)) == (
        0,
        [{"id": 2, "value": "100% [bold]", "is_deleted": True}],
    )
    assert "100%" in lakehouse("query", "--env", "local", "--lakebase", sql).out


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("DELETE FROM {t}", "read-only transaction"),
        ("SELECT 1; COMMIT; DELETE FROM {t}", "multiple commands"),
        ("DROP TABLE {t}", "read-only transaction"),
        ("SELECT * FROM gold.nowhere", "does not exist"),
        ("SELEC 1", "syntax error"),
    ],
)
def test_what_would_write_is_refused_in_one_line(
    lakebase: Lakebase, lakehouse: Call, sql: str, message: str
) -> None:
    answer = lakehouse("query", "--env", "local", "--lakebase", sql.replace("{t}", f"gold.{lakebase.name}"))
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("RUN060 ")
    assert message in answer.err
    assert len(answer.err.strip().splitlines()) == 1
    assert len(lakebase.stored()) == 2
