"""Slowly changing dimension, type 2: a row per version of a key, its intervals without overlap and without gap."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from glue_jobs.tables.merge import with_settings
from glue_jobs.tables.target import Target
from schemas import Contract

BEGINNING = "1900-01-01 00:00:00"
END = "9999-12-31 00:00:00"


def versions(known: DataFrame, incoming: DataFrame, contract: Contract, natural_key: str) -> DataFrame:
    """All versions of the keys in `incoming`, old and new together, with their intervals.

    A version begins at its `valid_since` (source time) and ends where the next begins; the first known version is
    valid since the beginning, so that no fact falls before its dimension. A version that changes no tracked column
    is none. Both frames hold the tracked columns, the natural key and `valid_since`.
    """
    key = Window.partitionBy(natural_key)
    order = key.orderBy("valid_since")
    everything = known.unionByName(incoming)
    # Two versions of one instant: the one with the greater content hash, whatever came first.
    content = F.xxhash64(*[F.col(c) for c in contract.lake.tracked])
    same_instant = Window.partitionBy(natural_key, "valid_since").orderBy(content.desc())
    one_each = everything.withColumn("_n", F.row_number().over(same_instant)).where("_n = 1").drop("_n")
    changed = one_each.withColumn("_first", F.row_number().over(order) == 1)
    for column in contract.lake.tracked:
        changed = changed.withColumn(f"_was_{column}", F.lag(column).over(order))
    differs: Column = F.col("_first")
    for column in contract.lake.tracked:
        differs = differs | ~F.col(column).eqNullSafe(F.col(f"_was_{column}"))
    kept = changed.where(differs).drop("_first", *[f"_was_{c}" for c in contract.lake.tracked])
    starts = F.when(F.row_number().over(order) == 1, F.lit(BEGINNING).cast("timestamp")).otherwise(F.col("valid_since"))
    ends = F.coalesce(F.lead("valid_since").over(order), F.lit(END).cast("timestamp"))
    return (
        kept.withColumn("valid_from", starts)
        .withColumn("valid_to", ends)
        .withColumn("is_current", F.col("valid_to") == F.lit(END).cast("timestamp"))
    )


def with_surrogate(rows: DataFrame, surrogate: str, natural_key: str) -> DataFrame:
    """A key made from what identifies the version alone: the same after every re-run and rebuild."""
    return rows.withColumn(surrogate, F.xxhash64(F.col(natural_key), F.col("valid_since")))


def differences(wanted: DataFrame, known: DataFrame, surrogate: str) -> DataFrame:
    """What a table that holds `known` lacks to hold `wanted`: new and changed versions, and with `_gone` those that are none any more."""
    had = known.select(F.col(surrogate).alias("_sk"), F.col("valid_from").alias("_from"), F.col("valid_to").alias("_to"))
    columns = [F.col(c) for c in wanted.columns if c != surrogate]
    joined = wanted.join(had, F.col(surrogate) == F.col("_sk"), "full_outer")
    gone = F.col(surrogate).isNull()
    same = F.col("valid_from").eqNullSafe(F.col("_from")) & F.col("valid_to").eqNullSafe(F.col("_to"))
    return joined.where(gone | F.col("_sk").isNull() | ~same).select(
        F.coalesce(surrogate, "_sk").alias(surrogate), *columns, gone.alias("_gone")
    )


def apply(target: Target, source: DataFrame, surrogate: str) -> None:
    """One MERGE of `differences`, which must be cheap to read twice and the same each time, such as files."""
    from delta.tables import DeltaTable

    target.guard()
    with_settings(target)
    values = {n: F.col(f"s.{n}") for n in target.contract.column_names}
    merge = DeltaTable.forPath(target.spark, target.uri).alias("t").merge(source.alias("s"), f"t.{surrogate} = s.{surrogate}")
    merge = merge.whenMatchedDelete("s._gone").whenMatchedUpdate(set=values)  # type: ignore[arg-type]
    merge.whenNotMatchedInsert("not s._gone", values).execute()  # type: ignore[arg-type]
