"""A dimension made again from an instant of source time on, by the changes that this needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import and_

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from glue_jobs.instants import instant
from glue_jobs.tables import scd2
from glue_jobs.tables.guarded_write import guarded
from glue_jobs.tables.merge import set_transaction
from glue_jobs.tables.target import Target
from lakehouse.contracts import Contract

# What becomes of a row: it is written beside the stored ones, in place of one, or deleted.
ACTION = "_action"
INSERT, UPDATE, DELETE = "insert", "update", "delete"


def rewound(stored: DataFrame, states: DataFrame, contract: Contract, start: datetime) -> DataFrame:
    """The rows that a dimension is to hold of its open past, on its contract's columns.

    Versions that began before `start` stay. The last one of each key is among the rows, since the versions
    after it bound its interval; all later ones follow from `states`. Both frames have the columns of the
    natural key, `valid_since` and the tracked columns.
    """
    natural_key, surrogate = list(contract.lake.business_key), contract.primary_key[0]
    columns = [*natural_key, "valid_since", *contract.lake.tracked]
    last = _last_before(stored, contract, start)
    later = states.where(F.col("valid_since") >= instant(start)).select(*columns)
    versions = scd2.versions(last.select(*columns), later, contract, natural_key)
    began = last.select(*natural_key, "valid_since", F.col("valid_from").alias("_began"), surrogate)
    joined = versions.join(began, [*natural_key, "valid_since"], "left")
    versions = scd2.with_surrogate_key(joined, "_made", natural_key)
    return versions.select(
        *[
            F.coalesce(surrogate, "_made").alias(surrogate)
            if name == surrogate
            else F.coalesce("_began", "valid_from").alias(name)
            if name == "valid_from"
            else F.col(name)
            for name in contract.column_names
        ]
    )


def _last_before(stored: DataFrame, contract: Contract, start: datetime) -> DataFrame:
    newest = Window.partitionBy(*contract.lake.business_key).orderBy(
        F.col("valid_since").desc(), F.col("valid_to").desc()
    )
    before = _without_unknown(stored, contract).where(F.col("valid_since") < instant(start))
    return before.withColumn("_n", F.row_number().over(newest)).where("_n = 1").drop("_n")


def changes(stored: DataFrame, rows: DataFrame, contract: Contract, start: datetime) -> DataFrame:
    """What must change so that a table of `stored` versions holds `rows`, with `_action`.

    A version that is stored twice is deleted and written once; one without a row is deleted where it began
    at `start` or later.
    """
    names, identity = list(contract.column_names), _identity(contract)
    versions = _without_unknown(stored, contract)
    by_version = Window.partitionBy(*identity)
    counted = versions.select(
        *[F.col(n).alias(f"_old_{n}") for n in names], F.count(F.lit(1)).over(by_version).alias("_copies")
    )
    one = Window.partitionBy(*[f"_old_{n}" for n in identity]).orderBy(*[f"_old_{n}" for n in names])
    single = counted.withColumn("_n", F.row_number().over(one)).where("_n = 1").drop("_n")
    same = reduce(and_, (F.col(f"_old_{n}").eqNullSafe(F.col(n)) for n in identity))
    joined = rows.withColumn("_new", F.lit(True)).join(single, same, "full_outer")
    is_new, is_old = F.col("_new").isNotNull(), F.col("_copies").isNotNull()
    equal = reduce(and_, (F.col(f"_old_{n}").eqNullSafe(F.col(n)) for n in names))
    old_began = F.col("_old_valid_since").isNull() | (F.col("_old_valid_since") >= instant(start))
    twice = is_new & is_old & (F.col("_copies") > 1)
    actions = F.array_compact(
        F.array(
            F.when((~is_new & old_began) | twice, F.lit(DELETE)),
            F.when(is_new & (~is_old | twice), F.lit(INSERT)),
            F.when(is_new & is_old & ~twice & ~equal, F.lit(UPDATE)),
        )
    )
    exploded = joined.withColumn(ACTION, F.explode(actions))
    gone = F.col(ACTION) == DELETE
    return exploded.select(
        *[F.when(gone, F.col(f"_old_{n}")).otherwise(F.col(n)).alias(n) for n in names], ACTION
    )


def apply(target: Target, rows: DataFrame) -> None:
    """MERGEs `changes` in one commit. It reads them twice: they must be cheap to read, such as files."""
    set_transaction(target)
    contract = target.contract
    identity = _identity(contract)
    same = reduce(and_, (F.col(f"t.{n}").eqNullSafe(F.col(f"s.{n}")) for n in identity))
    values = {n: F.col(f"s.{n}") for n in contract.column_names}
    merge = (
        DeltaTable.forPath(target.spark, target.uri)
        .alias("t")
        .merge(rows.alias("s"), same & (F.col(f"s.{ACTION}") != INSERT))
    )
    is_action = {name: F.col(f"s.{ACTION}") == name for name in (INSERT, UPDATE, DELETE)}
    merge = merge.whenMatchedDelete(is_action[DELETE])
    merge = merge.whenMatchedUpdate(is_action[UPDATE], values)  # type: ignore[arg-type]
    with guarded(target.spark, target.guard):
        merge.whenNotMatchedInsert(is_action[INSERT], values).execute()  # type: ignore[arg-type]


def _identity(contract: Contract) -> Sequence[str]:
    return (contract.primary_key[0], *contract.lake.business_key, "valid_since")


def _without_unknown(stored: DataFrame, contract: Contract) -> DataFrame:
    """Without the unknown member, which is no version of a key."""
    surrogate = contract.primary_key[0]
    member = contract.lake.unknown_member.get(surrogate)
    return stored if member is None else stored.where(~F.col(surrogate).eqNullSafe(F.lit(member)))
