"""Hand-written Spark scripts for gold and its gate, that the engine is compared with."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from benchmarks.bare import FEED, STATS

TRACKED = (
    "country",
    "age",
    "income",
    "home_ownership",
    "marital_status",
    "household_size",
    "household_comp",
    "kids_count",
    "email_hash",
    "is_deleted",
)


def _changed_customers(spark: SparkSession, changes: str, since: int) -> DataFrame:
    feed = (
        spark.read.format("delta")
        .option("readChangeFeed", "true")
        .option("startingVersion", since + 1)
        .load(changes)
    )
    return feed.where("_change_type IN ('insert', 'update_postimage')").select(
        "customer_id",
        *[F.col("email").alias(c) if c == "email_hash" else F.col(c) for c in TRACKED],
        F.col("updated_at").alias("valid_since"),
    )


def scd2(spark: SparkSession, changes: str, since: int, out: str) -> None:
    """The pattern of Delta's documentation: each changed row closes a version and opens the next."""
    from delta.tables import DeltaTable

    new = _changed_customers(spark, changes, since)
    current = (
        spark.read.format("delta")
        .load(out)
        .where("is_current")
        .select(F.col("customer_id").alias("_id"), *[F.col(c).alias(f"_{c}") for c in TRACKED])
    )
    same = F.lit(True)
    for c in TRACKED:
        same = same & F.col(c).eqNullSafe(F.col(f"_{c}"))
    changed = new.join(current, F.col("customer_id") == F.col("_id")).where(~same).select(*new.columns)
    source = changed.withColumn("_key", F.col("customer_id")).unionByName(
        changed.withColumn("_key", F.lit(None).cast("bigint"))
    )
    end = F.lit("9999-12-31").cast("timestamp")
    opened: dict[str, Any] = {c: F.col(f"s.{c}") for c in ("customer_id", *TRACKED, "valid_since")}
    opened |= {
        "customer_sk": F.xxhash64("s.customer_id", "s.valid_since"),
        "valid_from": F.col("s.valid_since"),
    }
    opened |= {"valid_to": end, "is_current": F.lit(True)}
    merge = (
        DeltaTable.forPath(spark, out)
        .alias("t")
        .merge(source.alias("s"), "t.customer_id = s._key AND t.is_current")
    )
    closed: dict[str, Any] = {"valid_to": F.col("s.valid_since"), "is_current": F.lit(False)}
    merge.whenMatchedUpdate(set=closed).whenNotMatchedInsert(values=opened).execute()


def fact_sales(spark: SparkSession, orders: str, customers: str, products: str, out: str) -> None:
    lines = spark.read.format("delta").load(orders).where("NOT is_deleted")
    versions = (
        spark.read.format("delta")
        .load(customers)
        .select("customer_sk", F.col("customer_id").alias("_c"), "valid_from", "valid_to")
    )
    keyed = spark.read.format("delta").load(products).select("product_sk", F.col("product_id").alias("_p"))
    as_of = (
        (F.col("customer_id") == F.col("_c"))
        & (F.col("order_ts") >= F.col("valid_from"))
        & (F.col("order_ts") < F.col("valid_to"))
    )
    rows = lines.join(F.broadcast(versions), as_of, "left").join(
        F.broadcast(keyed), F.col("product_id") == F.col("_p"), "left"
    )
    day = (F.year("order_date") * 10000 + F.month("order_date") * 100 + F.dayofmonth("order_date")).cast(
        "int"
    )
    fact = rows.select(
        F.coalesce("customer_sk", F.lit(-1)).alias("customer_sk"),
        F.coalesce("product_sk", F.lit(-1)).alias("product_sk"),
        day.alias("date_sk"),
        "order_id",
        "line_number",
        "customer_id",
        "product_id",
        "store_id",
        "order_ts",
        "order_date",
        "quantity",
        "amount",
        "currency",
        "amount_usd",
        "retail_discount",
        "coupon_discount",
    )
    writer = fact.repartition("order_date").write.format("delta").partitionBy("order_date")
    writer.options(**{STATS: "order_id,line_number,customer_sk,product_sk"}, **FEED).save(out)


def _existing(spark: SparkSession, uri: str) -> DataFrame:
    return spark.read.format("delta").load(uri).where("NOT is_deleted")


def gate(spark: SparkSession, orders: str, customers: str, products: str, out: str) -> None:
    """The rules of silver.orders' suite: one aggregate for rows and references, one for uniqueness."""
    rows = spark.read.format("delta").load(orders)
    customer_ids = _existing(spark, customers).select(F.col("customer_id").alias("_c"))
    product_ids = _existing(spark, products).select(F.col("product_id").alias("_p"))
    joined = rows.join(F.broadcast(customer_ids), F.col("customer_id") == F.col("_c"), "left")
    joined = joined.join(F.broadcast(product_ids), F.col("product_id") == F.col("_p"), "left")
    broken = {
        "no customer": F.col("customer_id").isNull(),
        "no day": F.col("order_date").isNull(),
        "no dollars": F.col("amount_usd").isNull(),
        "unknown customer": F.col("_c").isNull(),
        "unknown product": F.col("_p").isNull(),
        "currency": ~F.col("currency").isin("USD", "EUR", "GBP", "CHF", "JPY"),
        "quantity": ~F.col("quantity").between(0, 100000),
        "amount": ~F.col("amount_usd").between(0, 100000),
        "discount": ~F.col("retail_discount").between(0, 1000),
        "order": F.col("updated_at") < F.col("order_ts"),
    }
    counts = [F.count_if(condition).alias(name) for name, condition in broken.items()]
    totals = (
        joined.agg(F.count(F.lit(1)).alias("rows"), F.max("order_ts").cast("date").alias("newest"), *counts)
        .collect()[0]
        .asDict()
    )
    keys = rows.groupBy(F.xxhash64("order_id", "line_number").alias("h")).count().where("count > 1")
    totals["doubled"] = keys.agg(F.coalesce(F.sum("count"), F.lit(0))).collect()[0][0]
    findings = [(name, str(value)) for name, value in totals.items()]
    spark.createDataFrame(findings, "rule string, found string").coalesce(1).write.format("delta").mode(
        "append"
    ).save(out)
