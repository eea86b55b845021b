"""Hand-written Spark scripts that the engine is compared with: no contract, quarantine, audit or lineage.

Each writes the table that the engine writes, with the same rows, partitions and table properties.
"""

from __future__ import annotations

import uuid

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

STATS = "delta.dataSkippingStatsColumns"
FEED = {"delta.enableChangeDataFeed": "true", "delta.enableDeletionVectors": "false"}


def ingest(spark: SparkSession, source: str, out: str) -> None:
    rows = spark.read.parquet(source).select(
        "order_id",
        F.col("line_number").cast("int").alias("line_number"),
        "customer_id",
        "product_id",
        "store_id",
        "quantity",
        "amount",
        "retail_discount",
        "coupon_discount",
        "currency",
        "order_ts",
        "updated_at",
        F.lit(None).cast("boolean").alias("is_deleted"),
        F.current_timestamp().alias("_ingest_ts"),
        F.lit(str(uuid.uuid4())).alias("_batch_id"),
        F.lit("snowflake").alias("_source_system"),
        F.lit("2017-12-31").cast("date").alias("_run_date"),
    )
    rows.write.format("delta").options(**{STATS: "order_id,line_number,updated_at,_run_date"}, **FEED).save(
        out
    )


def _daily_rates(spark: SparkSession, rates: str) -> DataFrame:
    """A rate per currency and day: a day without one has that of the last day before it."""
    fx = spark.read.format("delta").load(rates)
    following = F.coalesce(
        F.date_sub(F.lead("rate_date").over(Window.partitionBy("currency").orderBy("rate_date")), 1),
        F.lit("2017-12-31").cast("date"),
    )
    return fx.withColumn("_last", F.greatest(following, "rate_date")).select(
        "currency",
        F.explode(F.sequence("rate_date", "_last")).alias("order_date"),
        F.col("rate").cast("decimal(14,6)").alias("rate"),
    )


def silver_orders(spark: SparkSession, bronze: DataFrame, rates: str) -> DataFrame:
    newest = Window.partitionBy("order_id", "line_number").orderBy(F.col("updated_at").desc())
    lines = (
        bronze.withColumn("_n", F.row_number().over(newest))
        .where("_n = 1")
        .withColumn("order_date", F.to_date("order_ts"))
    )
    daily = _daily_rates(spark, rates)
    dollar = daily.where("currency = 'USD'").select("order_date", F.col("rate").alias("usd"))
    joined = lines.join(
        F.broadcast(daily.join(F.broadcast(dollar), "order_date")), ["currency", "order_date"]
    )
    usd = F.round(F.col("amount").cast("decimal(12,2)") * F.col("usd") / F.col("rate"), 4).cast(
        "decimal(18,4)"
    )
    return joined.select(
        "order_id",
        "line_number",
        "customer_id",
        "product_id",
        "store_id",
        "quantity",
        "amount",
        "retail_discount",
        "coupon_discount",
        "currency",
        "order_ts",
        "updated_at",
        "order_date",
        usd.alias("amount_usd"),
        F.coalesce("is_deleted", F.lit(False)).alias("is_deleted"),
    )


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
