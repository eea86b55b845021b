"""Reads a table at a version, or the changes between two versions."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from glue_jobs.errors import RunError
from glue_jobs.tables.day import Day, in_order
from glue_jobs.tables.delta_log import pinned_rows, rewritten_after, version
from lakehouse.contracts import Contract

INSERTED = ("insert", "update_postimage")


def pinned(spark: SparkSession, uri: str, table: str, at: int) -> DataFrame:
    """The table at version `at`. Raises RunError (RUN201) for version -1, which is a missing table."""
    if at < 0:
        raise RunError(
            f"table {table} does not exist at {uri}; run the job that writes it first", code="RUN201"
        )
    return pinned_rows(spark, uri, at)


def newest(spark: SparkSession, uri: str, table: str) -> DataFrame:
    """The table at its newest version. Raises RunError (RUN201) when it does not exist."""
    return pinned(spark, uri, table, version(spark, uri))


def followed(spark: SparkSession, uri: str, table: str) -> DataFrame:
    """The table at no fixed version: each micro-batch of a stream reads the newest one.

    Raises RunError (RUN201) when it does not exist.
    """
    newest(spark, uri, table)
    return spark.read.format("delta").load(uri)


def changes(spark: SparkSession, uri: str, since: int, until: int) -> DataFrame:
    """Every row change of versions since+1 to until, with `_change_type`. Reads only the changed files."""
    return _change_feed(spark, uri, since, until).drop("_commit_version")


def new_rows(spark: SparkSession, uri: str, since: int, until: int) -> DataFrame:
    """The rows that versions since+1 to until inserted or updated, as they are after the change."""
    return changes(spark, uri, since, until).where(F.col("_change_type").isin(*INSERTED)).drop("_change_type")


def net_rows(spark: SparkSession, uri: str, keys: tuple[str, ...], since: int, until: int) -> DataFrame:
    """The newest row of each key that versions since+1 to until inserted, updated or deleted.

    A key that changed in several versions comes once. `_deleted` is true for one that `until` no longer has.
    """
    after = _change_feed(spark, uri, since, until).where("_change_type <> 'update_preimage'")
    # A MERGE may delete a row and insert its key anew in one version: the row that is there counts.
    is_there = F.col("_change_type").isin(*INSERTED)
    newest_first = Window.partitionBy(*keys).orderBy(F.col("_commit_version").desc(), is_there.desc())
    ranked = after.withColumn("_rank", F.row_number().over(newest_first)).where("_rank = 1")
    return ranked.withColumn("_deleted", ~is_there).drop("_rank", "_change_type", "_commit_version")


def remaining_rows(spark: SparkSession, uri: str, keys: tuple[str, ...], since: int, until: int) -> DataFrame:
    """The rows that versions since+1 to until brought and did not take away again, also two of one key."""
    feed, by_key = _change_feed(spark, uri, since, until), Window.partitionBy(*keys)
    is_there = F.col("_change_type").isin(*INSERTED)
    # An update takes a row away in the version that brings it.
    last_taken = F.max(F.when(~is_there, F.col("_commit_version"))).over(by_key)
    remaining = feed.withColumn("_taken", last_taken).where(is_there)
    remaining = remaining.where(F.col("_taken").isNull() | (F.col("_commit_version") >= F.col("_taken")))
    return remaining.drop("_taken", "_change_type", "_commit_version")


def _change_feed(spark: SparkSession, uri: str, since: int, until: int) -> DataFrame:
    if rewritten_after(spark, uri, since):
        return _as_rewritten(spark, uri, since, until)
    feed = spark.read.format("delta").option("readChangeFeed", "true")
    versions = feed.option("startingVersion", since + 1).option("endingVersion", until)
    return versions.load(uri).drop("_commit_timestamp")


def _as_rewritten(spark: SparkSession, uri: str, since: int, until: int) -> DataFrame:
    """All rows of version `since` as deleted and all of `until` as inserted.

    So does Delta's own feed show a table that was written anew; it reads no old file as the new types.
    """
    after = pinned_rows(spark, uri, until)
    before = pinned_rows(spark, uri, since)
    columns = [
        F.col(f"`{f.name}`").cast(f.dataType).alias(f.name)
        if f.name in before.columns
        else F.lit(None).cast(f.dataType).alias(f.name)
        for f in after.schema.fields
    ]
    deleted = before.select(*columns).withColumn("_change_type", F.lit("delete"))
    inserted = after.withColumn("_change_type", F.lit("insert"))
    return deleted.unionByName(inserted).withColumn("_commit_version", F.lit(until).cast("bigint"))


def changed_days(spark: SparkSession, uri: str, day: str, since: int, until: int) -> list[Day]:
    """The distinct values of column `day` among the changed rows, sorted, None last.

    Days are few, so they may be collected.
    """
    return in_order(row[0] for row in changes(spark, uri, since, until).select(day).distinct().collect())


def without_deleted(rows: DataFrame, contract: Contract) -> DataFrame:
    """Without the rows whose delete flag is true."""
    flag = contract.lake.delete_flag
    return rows.where(~F.coalesce(F.col(flag), F.lit(False))) if flag and flag in rows.columns else rows
