"""A query that reads the table that it writes works from the first run on."""

from __future__ import annotations

from datetime import date

from pyspark.sql import SparkSession

from glue_jobs.job_types.sql import Sql
from glue_jobs.tables import delta_log
from lakehouse.environments import Environment, names
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.sql import statements
from tests.glue_jobs import delta_rs
from tests.glue_jobs.builders import contract
from tests.glue_jobs.run_harness import job, run_context, schemas

DAYSUM = """INSERT INTO gold_db.daysum_itself
SELECT o.store_id, o.day, count(*) AS orders FROM silver_db.orders_itself o
LEFT ANTI JOIN gold_db.daysum_itself d ON d.store_id = o.store_id AND d.day = o.day GROUP BY 1, 2"""
COLUMNS = {"store_id": {"type": "integer"}, "day": {"type": "string", "format": "date"}}
ORDERS = contract(
    "silver.orders_itself", {"id": {"type": "integer"}, **COLUMNS}, write="append", sequence="id"
)
SUMS = contract(
    "gold.daysum_itself",
    {**COLUMNS, "orders": {"type": "integer"}},
    primary_key=["store_id", "day"],
    sequence="orders",
)


def test_it_reads_itself_as_it_was_and_is_no_news_to_itself(
    spark: SparkSession, local_env: Environment
) -> None:
    of = job("daysum", type=JobType.SQL, reads=(ORDERS.table,), writes=(SUMS.table,))
    delta_rs.append(local_env, ORDERS, ORDERS.ddl, (1, 7, date(2017, 1, 1)), (2, 7, date(2017, 1, 1)))
    uri = names.table_uri(local_env, SUMS.table)

    def run() -> dict[tuple[int, date], int]:
        context = run_context(local_env, of, schemas(ORDERS, SUMS), spark)
        Sql(None, tuple(statements(DAYSUM))).execute(context)
        rows = delta_rs.rows(local_env, uri, "store_id", "day", "orders")
        return {(store, day): orders for store, day, orders in rows}

    assert run() == {(7, date(2017, 1, 1)): 2}
    version = delta_log.version(spark, uri)
    assert run() == {(7, date(2017, 1, 1)): 2}
    assert delta_log.version(spark, uri) == version
    delta_rs.append(local_env, ORDERS, ORDERS.ddl, (3, 7, date(2017, 1, 1)), (4, 8, date(2017, 1, 2)))
    assert run() == {(7, date(2017, 1, 1)): 2, (8, date(2017, 1, 2)): 1}
