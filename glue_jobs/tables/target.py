"""A table that is about to be written, and the writes that replace or add whole files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.tables import delta_log
from glue_jobs.tables.delta_log import Commit, Txn
from lakehouse.contracts import Contract


@dataclass(frozen=True)
class Target:
    """One table, the transaction it is written in, and the guard that is asked right before each commit."""

    spark: SparkSession
    uri: str
    contract: Contract
    txn: Txn
    guard: Callable[[], None]

    @property
    def version(self) -> int:
        return delta_log.version(self.spark, self.uri)

    @property
    def committed(self) -> bool:
        return delta_log.committed(self.spark, self.uri, self.txn)

    @property
    def first(self) -> bool:
        """Does this write make the table — or, where it is done already, did it?"""
        return not self.commit().merged if self.committed else self.version < 0

    def commit(self) -> Commit:
        """Delta's own account of this transaction; an empty one when the write changed nothing."""
        return delta_log.commit_of(self.spark, self.uri, self.txn) or Commit(self.version, {})

    def properties(self) -> dict[str, str]:
        stats = ",".join(self.contract.stats_columns) or self.contract.column_names[0]
        return {
            "delta.dataSkippingStatsColumns": stats,
            "delta.enableChangeDataFeed": "true",
            "delta.enableDeletionVectors": "false",
        }


def append(target: Target, rows: DataFrame) -> None:
    """Adds rows; makes the table when it is not there."""
    _save(target, rows, "append", {})


def replace(target: Target, rows: DataFrame) -> None:
    _save(target, rows, "overwrite", {})


def replace_days(target: Target, rows: DataFrame, day: str, days: list[date]) -> None:
    """One commit that takes out every row of `days` and puts these in."""
    listed = ", ".join(f"date'{d.isoformat()}'" for d in days)
    _save(target, rows, "overwrite", {"replaceWhere": f"`{day}` IN ({listed})"})


def _save(target: Target, rows: DataFrame, mode: str, options: dict[str, str]) -> None:
    contract = target.contract
    target.guard()
    writer = rows.write.format("delta").mode(mode).options(**target.txn.options(), **options)
    if target.version < 0:
        writer = writer.options(**target.properties())
    elif mode == "append":
        # A column that the contract gained; one that changed its type is refused by Delta.
        writer = writer.option("mergeSchema", "true")
    if contract.lake.partition_by:
        writer = writer.partitionBy(*contract.lake.partition_by)
    writer.save(target.uri)


def clustered(rows: DataFrame, contract: Contract) -> DataFrame:
    """Rows of one partition value in one task, so that each writes one file and not one for every task."""
    columns = contract.lake.partition_by
    return rows.repartition(*[F.col(c) for c in columns]) if columns else rows
