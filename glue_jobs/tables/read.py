"""Reading a table: pinned to a version, or what changed between two."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.errors import RunError
from glue_jobs.tables.delta_log import version
from lakehouse.contracts import Contract

INSERTED = ("insert", "update_postimage")


def pinned(spark: SparkSession, uri: str, table: str, at: int) -> DataFrame:
    """The table as it was at version `at`."""
    if at < 0:
        raise RunError(
            f"table {table} does not exist at {uri}; run the job that writes it first", code="RUN201"
        )
    return spark.read.format("delta").option("versionAsOf", at).load(uri)


def newest(spark: SparkSession, uri: str, table: str) -> DataFrame:
    return pinned(spark, uri, table, version(spark, uri))


def changes(spark: SparkSession, uri: str, since: int, until: int) -> DataFrame:
    """Every row change in versions since+1 … until, with `_change_type`; the cost is that of the changed files."""
    feed = spark.read.format("delta").option("readChangeFeed", "true")
    return (
        feed.option("startingVersion", since + 1)
        .option("endingVersion", until)
        .load(uri)
        .drop("_commit_version", "_commit_timestamp")
    )


def new_rows(spark: SparkSession, uri: str, since: int, until: int) -> DataFrame:
    return changes(spark, uri, since, until).where(F.col("_change_type").isin(*INSERTED)).drop("_change_type")


def changed_days(spark: SparkSession, uri: str, day: str, since: int, until: int) -> list[date]:
    """The distinct days in which rows came, went or changed. Days are few, so they may be collected."""
    found = changes(spark, uri, since, until).select(day).distinct().collect()
    return sorted(row[0] for row in found if row[0] is not None)


def without_deleted(rows: DataFrame, contract: Contract) -> DataFrame:
    flag = contract.lake.delete_flag
    return rows.where(~F.coalesce(F.col(flag), F.lit(False))) if flag and flag in rows.columns else rows
