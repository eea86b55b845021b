"""Replaces the hashes of one masking key by those of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.contract import masked

# The table property that says by which version of the key a table's hashes are made.
KEY_VERSION = "lakehouse.maskingKeyVersion"


def hash_pairs(columns: Sequence[DataFrame], old: str, new: str) -> DataFrame:
    """`_old` and `_new` hash of each distinct value of frames with one column.

    Values that the mask takes for equal have one pair: a MERGE takes no key twice.
    """
    values = reduce(DataFrame.unionByName, [frame.toDF("_value") for frame in columns])
    values = values.where(F.col("_value").isNotNull()).select(F.col("_value").cast("string")).distinct()
    both = values.select(F.col("_value").alias("_old"), F.col("_value").alias("_new"))
    pairs = masked(masked(both, {"_old": "hash"}, old), {"_new": "hash"}, new)
    return pairs.distinct()


def remask(spark: SparkSession, uri: str, column: str, pairs: DataFrame, guard: Callable[[], None]) -> None:
    """Replaces each old hash of a column by its new one, in one commit. Hashes that are new already stay."""
    guard()
    matching = DeltaTable.forPath(spark, uri).alias("t").merge(pairs.alias("s"), f"t.`{column}` = s._old")
    matching.whenMatchedUpdate(set={f"`{column}`": F.col("s._new")}).execute()


def note_key_version(spark: SparkSession, uri: str, version: str) -> None:
    """Writes the version of the key beside the hashes."""
    spark.sql(f"ALTER TABLE delta.`{uri}` SET TBLPROPERTIES ('{KEY_VERSION}' = '{version}')")
