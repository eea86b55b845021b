"""The scripts that the engine is held against: as a careful author writes them, with no contract, quarantine, audit or lineage.

Each writes the table that the engine writes, with the same rows, partitions and table properties.
"""

from __future__ import annotations

import uuid
from typing import Any

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

STATS = "delta.dataSkippingStatsColumns"
FEED = {"delta.enableChangeDataFeed": "true", "delta.enableDeletionVectors": "false"}


def ingest(spark: SparkSession, source: str, out: str) -> None:
    rows = spark.read.parquet(source).select(
        "order_id", F.col("line_number").cast("int").alias("line_number"), "customer_id", "product_id", "store_id", "quantity",
        "amount", "retail_discount", "coupon_discount", "currency", "order_ts", "updated_at", F.lit(None).cast("boolean").alias("is_deleted"),
        F.current_timestamp().alias("_ingest_ts"), F.lit(str(uuid.uuid4())).alias("_batch_id"),
        F.lit("snowflake").alias("_source_system"), F.lit("2017-12-31").cast("date").alias("_run_date"),
    )  # fmt: skip
    rows.write.format("delta").options(**{STATS: "order_id,line_number,updated_at,_run_date"}, **FEED).save(
        out
    )


def silver_orders(spark: SparkSession, bronze: DataFrame, rates: str) -> DataFrame:
    newest = Window.partitionBy("order_id", "line_number").orderBy(F.col("updated_at").desc())
    lines = (
        bronze.withColumn("_n", F.row_number().over(newest))
        .where("_n = 1")
        .withColumn("order_date", F.to_date("order_ts"))
    )
    fx = spark.read.format("delta").load(rates)
    following = F.coalesce(
        F.date_sub(F.lead("rate_date").over(Window.partitionBy("currency").orderBy("rate_date")), 1),
        F.lit("2017-12-31").cast("date"),
    )
    daily = fx.withColumn("_last", F.greatest(following, "rate_date")).select(
        "currency",
        F.explode(F.sequence("rate_date", "_last")).alias("order_date"),
        F.col("rate").cast("decimal(14,6)").alias("rate"),
    )
    dollar = daily.where("currency = 'USD'").select("order_date", F.col("rate").alias("usd"))
    joined = lines.join(
        F.broadcast(daily.join(F.broadcast(dollar), "order_date")), ["currency", "order_date"]
    )
    usd = F.round(F.col("amount").cast("decimal(12,2)") * F.col("usd") / F.col("rate"), 4).cast(
        "decimal(18,4)"
    )
    return joined.select(
        "order_id", "line_number", "customer_id", "product_id", "store_id", "quantity", "amount", "retail_discount", "coupon_discount",
        "currency", "order_ts", "updated_at", "order_date", usd.alias("amount_usd"), F.coalesce("is_deleted", F.lit(False)).alias("is_deleted"),
    )  # fmt: skip


def silver(spark: SparkSession, bronze: str, rates: str, out: str) -> None:
    rows = silver_orders(spark, spark.read.format("delta").load(bronze), rates).repartition("order_date")
    writer = rows.write.format("delta").partitionBy("order_date")
    writer.options(**{STATS: "order_id,line_number,updated_at,customer_id"}, **FEED).save(out)


def merge_day(spark: SparkSession, bronze: str, since: int, rates: str, out: str) -> None:
    from delta.tables import DeltaTable

    feed = (
        spark.read.format("delta")
        .option("readChangeFeed", "true")
        .option("startingVersion", since + 1)
        .load(bronze)
    )
    new = silver_orders(spark, feed.drop("_change_type", "_commit_version", "_commit_timestamp"), rates)
    merge = (
        DeltaTable.forPath(spark, out)
        .alias("t")
        .merge(new.alias("s"), "t.order_id = s.order_id AND t.line_number = s.line_number")
    )
    merge.whenMatchedUpdateAll("s.updated_at > t.updated_at").whenNotMatchedInsertAll().execute()


TRACKED = (
    "country", "age", "income", "home_ownership", "marital_status", "household_size", "household_comp", "kids_count", "email_hash",
    "is_deleted",
)  # fmt: skip


def scd2(spark: SparkSession, changes: str, since: int, out: str) -> None:
    """The pattern of Delta's own documentation: changed rows once to close the current version, once to open the next."""
    from delta.tables import DeltaTable

    feed = (
        spark.read.format("delta")
        .option("readChangeFeed", "true")
        .option("startingVersion", since + 1)
        .load(changes)
    )
    new = feed.where("_change_type IN ('insert', 'update_postimage')").select(
        "customer_id",
        *[F.col("email").alias(c) if c == "email_hash" else F.col(c) for c in TRACKED],
        F.col("updated_at").alias("valid_since"),
    )
    current = spark.read.format("delta").load(out).where("is_current").select(
        F.col("customer_id").alias("_id"), *[F.col(c).alias(f"_{c}") for c in TRACKED]
    )  # fmt: skip
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
    known = spark.read.format("delta").load(products).select("product_sk", F.col("product_id").alias("_p"))
    as_of = (
        (F.col("customer_id") == F.col("_c"))
        & (F.col("order_ts") >= F.col("valid_from"))
        & (F.col("order_ts") < F.col("valid_to"))
    )
    rows = lines.join(F.broadcast(versions), as_of, "left").join(
        F.broadcast(known), F.col("product_id") == F.col("_p"), "left"
    )
    day = (F.year("order_date") * 10000 + F.month("order_date") * 100 + F.dayofmonth("order_date")).cast(
        "int"
    )
    found = rows.select(
        F.coalesce("customer_sk", F.lit(-1)).alias("customer_sk"), F.coalesce("product_sk", F.lit(-1)).alias("product_sk"),
        day.alias("date_sk"), "order_id", "line_number", "customer_id", "product_id", "store_id", "order_ts", "order_date", "quantity",
        "amount", "currency", "amount_usd", "retail_discount", "coupon_discount",
    )  # fmt: skip
    writer = found.repartition("order_date").write.format("delta").partitionBy("order_date")
    writer.options(**{STATS: "order_id,line_number,customer_sk,product_sk"}, **FEED).save(out)


def gate(spark: SparkSession, orders: str, customers: str, products: str, out: str) -> None:
    """The rules of silver.orders' suite: one aggregate for the rows and what they refer to, one for uniqueness; a row for each finding."""
    rows = spark.read.format("delta").load(orders)
    people = (
        spark.read.format("delta")
        .load(customers)
        .where("NOT is_deleted")
        .select(F.col("customer_id").alias("_c"))
    )
    known = (
        spark.read.format("delta")
        .load(products)
        .where("NOT is_deleted")
        .select(F.col("product_id").alias("_p"))
    )
    joined = rows.join(F.broadcast(people), F.col("customer_id") == F.col("_c"), "left")
    joined = joined.join(F.broadcast(known), F.col("product_id") == F.col("_p"), "left")
    broken = {
        "no customer": F.col("customer_id").isNull(), "no day": F.col("order_date").isNull(), "no dollars": F.col("amount_usd").isNull(),
        "unknown customer": F.col("_c").isNull(), "unknown product": F.col("_p").isNull(),
        "currency": ~F.col("currency").isin("USD", "EUR", "GBP", "CHF", "JPY"), "quantity": ~F.col("quantity").between(0, 100000),
        "amount": ~F.col("amount_usd").between(0, 100000), "discount": ~F.col("retail_discount").between(0, 1000),
        "order": F.col("updated_at") < F.col("order_ts"),
    }  # fmt: skip
    counts = [F.count_if(condition).alias(name) for name, condition in broken.items()]
    found = (
        joined.agg(F.count(F.lit(1)).alias("rows"), F.max("order_ts").cast("date").alias("newest"), *counts)
        .collect()[0]
        .asDict()
    )
    keys = rows.groupBy(F.xxhash64("order_id", "line_number").alias("h")).count().where("count > 1")
    found["doubled"] = keys.agg(F.coalesce(F.sum("count"), F.lit(0))).collect()[0][0]
    findings = [(name, str(value)) for name, value in found.items()]
    spark.createDataFrame(findings, "rule string, found string").coalesce(1).write.format("delta").mode(
        "append"
    ).save(out)
