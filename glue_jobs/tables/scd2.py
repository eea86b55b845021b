"""Slowly changing dimension, type 2: a row per version of a key, its intervals without overlap and without gap."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from glue_jobs.tables.merge import set_transaction
from glue_jobs.tables.target import Target
from lakehouse.contracts import Contract

BEGINNING = "1900-01-01 00:00:00"
END = "9999-12-31 00:00:00"
# What the table holds already of a version: its interval, and a hash of its state.
HAD = {"_had_from": "timestamp", "_had_to": "timestamp", "_had_state": "bigint"}


def versions(known: DataFrame, incoming: DataFrame, contract: Contract, natural_key: str) -> DataFrame:
    """All versions of the keys in `incoming`, old and new together, with their intervals.

    A version begins at its `valid_since` (source time) and ends where the next begins; the first known version is
    valid since the beginning, so that no fact falls before its dimension. A version that changes no tracked column
    is none. Both frames hold the tracked columns, the natural key and `valid_since`.
    """
    return _reconciled(known, incoming, contract, natural_key).where("not _gone").drop("_gone", *HAD)


def differences(known: DataFrame, incoming: DataFrame, contract: Contract, natural_key: str) -> DataFrame:
    """What a table that holds `known` lacks to hold all versions: new ones, those of another interval, and with `_gone` what is none now.

    As `versions`, but `known` holds its intervals too. Both frames are read once.
    """
    content = _content(contract)
    had = known.withColumnsRenamed({"valid_from": "_had_from", "valid_to": "_had_to"}).withColumn(
        "_had_state", content
    )
    interval = F.col("_had_from").eqNullSafe(F.col("valid_from")) & F.col("_had_to").eqNullSafe(
        F.col("valid_to")
    )
    # Of two states of one instant another may have won than the table holds.
    same = interval & F.col("_had_state").eqNullSafe(content)
    return _reconciled(had, incoming, contract, natural_key).where(F.col("_gone") | ~same).drop(*HAD)


def _reconciled(known: DataFrame, incoming: DataFrame, contract: Contract, natural_key: str) -> DataFrame:
    """The versions, and with `_gone` the rows of `known` that are none; each with the interval that `known` gave it, if it gave one."""
    key = Window.partitionBy(natural_key)
    order = key.orderBy("valid_since")
    absent = [F.lit(None).cast(kind).alias(name) for name, kind in HAD.items()]
    both = [
        frame if "_had_from" in frame.columns else frame.select("*", *absent) for frame in (known, incoming)
    ]
    everything = both[0].unionByName(both[1])
    # Two versions of one instant: the one with the greater content hash, whatever came first.
    instant = Window.partitionBy(natural_key, "valid_since")
    ranked = everything.withColumn("_n", F.row_number().over(instant.orderBy(_content(contract).desc())))
    one_each = ranked.select(
        *[c for c in ranked.columns if c not in HAD], *[F.max(name).over(instant).alias(name) for name in HAD]
    ).where("_n = 1").drop("_n")  # fmt: skip
    state = F.struct(*[F.col(c) for c in contract.lake.tracked])
    differs = F.row_number().over(order).eqNullSafe(1) | ~state.eqNullSafe(F.lag(state).over(order))
    # A row that is no version stays only to be taken out, and is no neighbour of those that are.
    marked = one_each.withColumn("_gone", ~differs).where(~F.col("_gone") | F.col("_had_from").isNotNull())
    among = Window.partitionBy(natural_key, "_gone").orderBy("valid_since")
    starts = F.when(F.row_number().over(among) == 1, F.lit(BEGINNING).cast("timestamp")).otherwise(
        F.col("valid_since")
    )
    ends = F.coalesce(F.lead("valid_since").over(among), F.lit(END).cast("timestamp"))
    return (
        marked.withColumn("valid_from", starts)
        .withColumn("valid_to", ends)
        .withColumn("is_current", F.col("valid_to") == F.lit(END).cast("timestamp"))
    )


def _content(contract: Contract) -> Column:
    return F.xxhash64(*[F.col(c) for c in contract.lake.tracked])


def with_surrogate(rows: DataFrame, surrogate: str, natural_key: str) -> DataFrame:
    """A key made from what identifies the version alone: the same after every re-run and rebuild."""
    return rows.withColumn(surrogate, F.xxhash64(F.col(natural_key), F.col("valid_since")))


def apply(target: Target, lacking: DataFrame) -> None:
    """One MERGE of `differences` and their surrogate keys, which must be cheap to read twice and the same each time, such as files."""
    from delta.tables import DeltaTable

    target.guard()
    set_transaction(target)
    surrogate = target.contract.primary_key[0]
    values = {n: F.col(f"s.{n}") for n in target.contract.column_names}
    merge = (
        DeltaTable.forPath(target.spark, target.uri)
        .alias("t")
        .merge(lacking.alias("s"), f"t.{surrogate} = s.{surrogate}")
    )
    merge = merge.whenMatchedDelete("s._gone").whenMatchedUpdate(set=values)  # type: ignore[arg-type]
    merge.whenNotMatchedInsert("not s._gone", values).execute()  # type: ignore[arg-type]
