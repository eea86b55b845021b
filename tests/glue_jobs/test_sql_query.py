"""Queries of SQL files as functions of their tables."""

from __future__ import annotations

import inspect
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from glue_jobs.sql_query import Query, statements_of
from glue_jobs.tables.query_guard import QueryRefusedError
from lakehouse.pipelines.model import Proc
from lakehouse.pipelines.sql import statements
from tests.glue_jobs.run_harness import job

SQL = """CREATE TABLE gold.sums AS
WITH kept AS (SELECT * FROM silver.orders WHERE amount >= :least)
SELECT day, sum(amount) AS amount FROM kept WHERE day = :run_date GROUP BY day"""


def test_the_statements_of_a_job_come_in_the_order_of_its_procs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glue_jobs.sql_query.project_root", lambda: tmp_path)
    procs = []
    for name in ("b", "a"):
        (tmp_path / f"{name}.sql").write_text(f"CREATE TABLE gold.{name} AS SELECT 1 AS x")
        procs.append(Proc(name, name, "", 1, 0, 0, "", "Airflow", "", (), file=f"{name}.sql"))
    assert [s.table for s in statements_of(job(procs=tuple(procs)))] == ["gold.b", "gold.a"]


def test_a_query_has_its_tables_as_parameters() -> None:
    query = Query(statements(SQL)[0])
    assert list(inspect.signature(query).parameters) == ["silver_orders", "spark", "run_date", "params"]
    assert query.snapshot_parameters == ("least",)


def test_parameters_are_bound_as_values_and_no_view_is_left(spark: SparkSession) -> None:
    orders = spark.createDataFrame(
        [(date(2017, 1, 31), 5), (date(2017, 1, 31), 1), (date(2017, 1, 30), 9)], "day date, amount int"
    )
    query = Query(statements(SQL)[0])
    rows = query(spark=spark, run_date=date(2017, 1, 31), params={"least": 2}, silver_orders=orders)
    assert [tuple(r) for r in rows.collect()] == [(date(2017, 1, 31), 5)]
    assert not [t.name for t in spark.catalog.listTables() if t.name.startswith("silver_orders")]


def test_a_query_that_follows_the_clock_does_not_run_and_can_be_analysed(spark: SparkSession) -> None:
    """Only Spark knows that `day` is a date, and that the text becomes one."""
    orders = spark.createDataFrame([(date(2017, 1, 31), 5)], "day date, amount int")
    query = Query(
        statements("CREATE TABLE gold.x AS SELECT amount FROM silver.orders WHERE day = 'today'")[0]
    )
    given = {"spark": spark, "run_date": date(2017, 1, 31), "params": {}, "silver_orders": orders}
    with pytest.raises(QueryRefusedError, match="reads the clock or the session"):
        query(**given)  # type: ignore[arg-type]
    assert query.analyzed(**given).columns == ["amount"]  # type: ignore[arg-type]
