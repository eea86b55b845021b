"""Keeps the newest row per key, independent of the order and number of arrivals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import Any

from delta.tables import DeltaTable
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from glue_jobs.tables.delta_log import APP_ID, APP_VERSION, USER_METADATA
from glue_jobs.tables.guarded_write import guarded
from glue_jobs.tables.target import Target
from lakehouse.contracts import Contract

# True in a row of a key whose rows are all derived again: it takes the place of an equally new one.
AGAIN = "_rederived"


def content_hash(names: Sequence[str], alias: str = "") -> Column:
    """A hash of the content in which a null counts: ("a", null) and (null, "a") are two contents."""
    columns = _columns(names, alias)
    # Spark's hash passes over nulls.
    return F.xxhash64(*columns, *[c.isNull() for c in columns])


def greatest_first(names: Sequence[str]) -> list[Column]:
    """Breaks ties of the sequence by the content alone, so that the order of arrival does not matter.

    The values follow the hash, which is one for arrays that differ by the place of a null.
    """
    return [content_hash(names).desc(), *[c.desc_nulls_last() for c in _columns(names)]]


def _columns(names: Sequence[str], alias: str = "") -> list[Column]:
    return [F.col(f"{alias}.`{name}`" if alias else f"`{name}`") for name in names]


def rank_by_recency(rows: DataFrame, contract: Contract, is_invalid: Column) -> DataFrame:
    """Adds `_rank`: 1 is the newest valid row of its key. Invalid rows rank after all valid ones."""
    sequence = F.col(str(contract.lake.sequence))
    newest_first = Window.partitionBy(*contract.primary_key).orderBy(
        is_invalid.asc(), sequence.desc(), *greatest_first(contract.column_names)
    )
    return rows.withColumn("_rank", F.row_number().over(newest_first))


def merge(target: Target, staged: DataFrame, bounds: dict[str, Any], *, later_wins: bool = False) -> None:
    """MERGEs one row per key. `bounds`: `low` and `high` of the first key column, so that Delta skips files.

    MERGE reads `staged` twice, so it must be cheap to read and the same each time, such as files.
    `later_wins`: a row replaces a stored row that is equally new, and any stored row where the contract has
    no sequence. A row that is true in a column `_rederived` replaces one that is equally new.
    """
    contract, spark = target.contract, target.spark
    names = contract.column_names
    set_transaction(target)
    conditions = [F.col(f"t.{k}") == F.col(f"s.{k}") for k in contract.primary_key]
    if bounds:
        first = F.col(f"t.{contract.primary_key[0]}")
        conditions += [first >= F.lit(bounds["low"]), first <= F.lit(bounds["high"])]
    condition = reduce(and_, conditions)
    values = {n: F.col(f"s.{n}") for n in names}
    merging = DeltaTable.forPath(spark, target.uri).alias("t").merge(staged.alias("s"), condition)
    newer = _newer(contract, later_wins, AGAIN in staged.columns)
    merging = merging.whenMatchedUpdate(newer, values)  # type: ignore[arg-type]
    with guarded(spark, target.guard):
        merging.whenNotMatchedInsert(values=values).execute()  # type: ignore[arg-type]


def _newer(contract: Contract, later_wins: bool, again: bool) -> Column:
    sequence, names = contract.lake.sequence, contract.column_names
    if later_wins:
        return F.col(f"s.{sequence}") >= F.col(f"t.{sequence}") if sequence else F.lit(True)
    mine, stored = content_hash(names, "s"), content_hash(names, "t")
    my_values, stored_values = F.struct(*_columns(names, "s")), F.struct(*_columns(names, "t"))
    wins = (mine > stored) | ((mine == stored) & (my_values > stored_values))
    if again:
        wins = wins | (F.col(f"s.{AGAIN}") & (my_values != stored_values))
    tie = (F.col(f"s.{sequence}") == F.col(f"t.{sequence}")) & wins
    return (F.col(f"s.{sequence}") > F.col(f"t.{sequence}")) | tie


def set_transaction(target: Target) -> None:
    """Sets the transaction on the session: MERGE has no options, and the session is the target's own."""
    conf = target.spark.conf
    conf.set(APP_ID, target.txn.app)
    conf.set(APP_VERSION, str(target.txn.version))
    conf.set(USER_METADATA, target.txn.batch_id)
    # The source is in files already, so Delta need not copy it.
    conf.set("spark.databricks.delta.merge.materializeSource", "none")
    conf.set("spark.databricks.delta.schema.autoMerge.enabled", "true")
