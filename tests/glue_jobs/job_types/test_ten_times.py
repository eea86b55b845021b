"""Ten times the customers of the benchmarks fit into the 4 GB of a laptop's Spark."""

from __future__ import annotations

import pytest
from pyspark.sql import DataFrame, SparkSession

from glue_jobs.tables.target import append
from lakehouse.environments import Environment, names
from tests.glue_jobs.builders import target
from tests.glue_jobs.job_types.late_harness import Shop

CUSTOMERS, ORDERS = 10_000_000, 200_000


def put(shop: Shop, table: str, rows: DataFrame) -> None:
    """A table of silver with the columns that `rows` have; the others are null."""
    contract = shop.schemas.contracts[table]
    columns = [
        f"cast({c.name if c.name in rows.columns else 'null'} AS {c.type}) {c.name}" for c in contract.columns
    ]
    into = target(shop.spark, shop.env, contract, uri=names.table_uri(shop.env, table))
    append(into, rows.selectExpr(*columns))


@pytest.mark.slow
def test_ten_million_customers_are_a_dimension_and_orders_look_them_up(
    spark: SparkSession, local_env: Environment
) -> None:
    assert local_env.spark.driver_memory == "4g"
    shop = Shop(local_env, spark)
    customers = spark.range(1, CUSTOMERS + 1).selectExpr(
        "id customer_id",
        "'US' country",
        "sha2(string(id), 256) email",
        "false is_deleted",
        "timestamp'2017-01-01' created_at",
        "timestamp'2017-01-01' updated_at",
    )
    put(shop, "silver.customers", customers)
    orders = spark.range(1, ORDERS + 1).selectExpr(
        "id order_id",
        "1 line_number",
        "id * 37 customer_id",
        "1 product_id",
        "1 store_id",
        "1 quantity",
        "1.00 amount",
        "0.00 retail_discount",
        "0.00 coupon_discount",
        "'USD' currency",
        "timestamp'2017-01-02 10:00:00' order_ts",
        "timestamp'2017-01-02 10:00:00' updated_at",
        "date'2017-01-02' order_date",
        "1.0000 amount_usd",
        "false is_deleted",
    )
    put(shop, "silver.orders", orders)
    counts = shop.run(("gold.dim_customer", "gold.fact_orders"))
    assert counts["gold.dim_customer"].written == CUSTOMERS
    assert counts["gold.fact_orders"].written == ORDERS
    uri = names.table_uri(shop.env, "gold.fact_orders")
    assert spark.read.format("delta").load(uri).where("customer_sk = -1").isEmpty()
    dimension = spark.read.format("delta").load(names.table_uri(shop.env, "gold.dim_customer"))
    assert len(dimension.inputFiles()) > 1
