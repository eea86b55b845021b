"""silver_to_gold: the dimensions with surrogate keys, and the facts.

A fact never loses a line for a missing dimension.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

FIRST_DAY, LAST_DAY = "2016-01-01", "2030-12-31"


def dim_date(*, spark: SparkSession) -> DataFrame:
    """A row per day of the calendar; weekdays and weeks by ISO 8601, Monday is 1."""
    days = spark.range(1).select(
        F.explode(F.expr(f"sequence(date'{FIRST_DAY}', date'{LAST_DAY}')")).alias("date")
    )
    return days.select(
        date_sk("date").alias("date_sk"),
        "date",
        F.year("date").alias("year"),
        F.quarter("date").alias("quarter"),
        F.month("date").alias("month"),
        F.date_format("date", "MMMM").alias("month_name"),
        F.dayofmonth("date").alias("day"),
        (F.weekday("date") + 1).alias("day_of_week"),
        F.weekofyear("date").alias("iso_week"),
        (F.weekday("date") >= 5).alias("is_weekend"),
    )


def dim_customer(*, silver_customers: DataFrame) -> DataFrame:
    """Each state of a customer, from the moment its source changed; the table makes versions of them."""
    return silver_customers.withColumn("email_hash", F.col("email")).withColumn(
        "valid_since", F.col("updated_at")
    )


def dim_product(*, silver_products: DataFrame) -> DataFrame:
    """The product as it is now. Its key is made from product_id alone, so every rebuild makes the same."""
    return silver_products.withColumn("product_sk", F.xxhash64("product_id"))


def fact_sales(
    *, silver_orders: DataFrame, gold_dim_customer: DataFrame, gold_dim_product: DataFrame
) -> DataFrame:
    """One row per order line, with the customer as of the order and the product as it is."""
    products = gold_dim_product.select("product_sk", F.col("product_id").alias("_product_id"))
    lines = _as_of(silver_orders, gold_dim_customer, "order_ts")
    joined = lines.join(products, F.col("product_id") == F.col("_product_id"), "left")
    return joined.withColumn("product_sk", _or_unknown("product_sk")).withColumn(
        "date_sk", date_sk("order_date")
    )


def fact_orders(*, silver_orders: DataFrame, gold_dim_customer: DataFrame) -> DataFrame:
    """One row per order: its lines added up."""
    orders = silver_orders.groupBy("order_id", "order_date").agg(
        *[F.min(c).alias(c) for c in ("customer_id", "store_id", "order_ts", "currency")],
        F.count(F.lit(1)).alias("line_count"),
        *[
            F.sum(c).alias(c)
            for c in ("quantity", "amount", "amount_usd", "retail_discount", "coupon_discount")
        ],
    )
    return _as_of(orders, gold_dim_customer, "order_ts").withColumn("date_sk", date_sk("order_date"))


def fact_behavior(*, silver_behavior: DataFrame, gold_dim_customer: DataFrame) -> DataFrame:
    """One row per coupon redemption or campaign contact."""
    return _as_of(silver_behavior, gold_dim_customer, "occurred_at").withColumn(
        "date_sk", date_sk("event_date")
    )


def date_sk(day: str) -> Column:
    """20170131 for 2017-01-31."""
    return (F.year(day) * 10000 + F.month(day) * 100 + F.dayofmonth(day)).cast("int")


def _as_of(facts: DataFrame, customers: DataFrame, moment: str) -> DataFrame:
    """Adds customer_sk of the version that was valid at `moment`, or that of the unknown member."""
    versions = customers.select(
        "customer_sk", F.col("customer_id").alias("_customer_id"), "valid_from", "valid_to"
    )
    valid = (F.col(moment) >= F.col("valid_from")) & (F.col(moment) < F.col("valid_to"))
    joined = facts.join(versions, (F.col("customer_id") == F.col("_customer_id")) & valid, "left")
    return joined.withColumn("customer_sk", _or_unknown("customer_sk"))


def _or_unknown(key: str) -> Column:
    return F.coalesce(F.col(key), F.lit(-1).cast("bigint"))
