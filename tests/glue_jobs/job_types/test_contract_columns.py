"""A table has the columns of its contract after the next run of its job, also on a day without news."""

from __future__ import annotations

from datetime import date

from pyspark.sql import SparkSession

from glue_jobs.job_types.register import Register
from glue_jobs.job_types.sql import Sql
from glue_jobs.tables import delta_log
from lakehouse.contracts import Contract
from lakehouse.environments import Environment, names
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.sql import statements
from tests.glue_jobs import delta_rs
from tests.glue_jobs.builders import contract
from tests.glue_jobs.run_harness import job, run_context, schemas

COUNTS = """INSERT INTO gold_db.counts_followed
SELECT store_id, count(*) AS orders FROM silver_db.orders_followed GROUP BY 1"""
STORE = {"store_id": {"type": "integer"}}
ORDERS = contract(
    "silver.orders_followed", {"id": {"type": "integer"}, **STORE}, write="append", sequence="id"
)


def _counts(*more: str) -> Contract:
    added = {name: {"type": ["integer", "null"]} for name in more}
    columns = {**STORE, **added, "orders": {"type": "integer"}}
    return contract("gold.counts_followed", columns, primary_key=["store_id"], sequence="orders")


def test_new_column_is_in_table_and_catalog_at_its_place_though_no_row_is_written(
    spark: SparkSession, local_env: Environment
) -> None:
    reads, before, after = (ORDERS.table,), _counts(), _counts("visitors")
    of = job("counts", type=JobType.SQL, reads=reads, writes=(before.table,))
    registers = job("registers", type=JobType.REGISTER, reads=(before.table,))
    delta_rs.append(local_env, ORDERS, ORDERS.ddl, (1, 7), (2, 7))
    uri, day = names.table_uri(local_env, before.table), date(2017, 1, 1)
    for each in (before, after, after):
        context = run_context(local_env, of, schemas(ORDERS, each), spark, run_date=day)
        Sql(None, tuple(statements(COUNTS))).execute(context)
    assert context.unchanged
    assert delta_log.columns(spark, uri) == list(after.stored)
    assert delta_rs.rows(local_env, uri, "store_id", "visitors", "orders") == [(7, None, 2)]
    Register().execute(run_context(local_env, registers, schemas(after), spark))
    shown = context.aws.glue.get_table(DatabaseName=names.database(local_env, "gold"), Name=after.name)
    columns = shown["Table"]["StorageDescriptor"]["Columns"]
    assert [column["Name"] for column in columns] == ["store_id", "visitors", "orders"]
