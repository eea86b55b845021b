"""The target of a write: one table in one transaction; appends, replaces it, or replaces some of its days."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.tables import commits, delta_log
from glue_jobs.tables.commits import Commit
from glue_jobs.tables.day import Day, sql_is_of
from glue_jobs.tables.delta_log import Txn
from glue_jobs.tables.guarded_write import guarded
from lakehouse.contracts import Contract

# Marks a column that has had no null since the table was made; as a table property, all such columns.
REQUIRED = "lakehouse.required"


@dataclass(frozen=True)
class Target:
    """A table, the transaction of the write, and a guard that is asked until the commit and may raise.

    `already_written`: the table held the transaction when this run took up its batch, so nothing is written.
    """

    spark: SparkSession
    uri: str
    contract: Contract
    txn: Txn
    guard: Callable[[], None]
    already_written: bool = False

    @property
    def version(self) -> int:
        """The table's newest version; -1 where it does not exist."""
        return delta_log.version(self.spark, self.uri)

    @property
    def committed(self) -> bool:
        """Whether the table holds this transaction already."""
        return delta_log.committed(self.spark, self.uri, self.txn)

    @property
    def first(self) -> bool:
        """Whether this write creates the table, or created it when it is committed already."""
        return not self.commit().merged if self.committed else self.version < 0

    def commit(self) -> Commit:
        """The commit of this transaction; one without metrics when the write changed nothing."""
        return commits.commit_of(self.spark, self.uri, self.txn) or Commit(self.version, {})

    def properties(self) -> dict[str, str]:
        """Table properties of a new table."""
        stats = ",".join(self.contract.stats_columns) or self.contract.column_names[0]
        return {
            "delta.dataSkippingStatsColumns": stats,
            "delta.enableChangeDataFeed": "true",
            "delta.enableDeletionVectors": "false",
        }


def append(target: Target, rows: DataFrame) -> None:
    """Appends rows, and creates the table where it is missing."""
    _save(target, rows, "append", {})


def replace(target: Target, rows: DataFrame) -> None:
    """Replaces all rows and the columns of the table in one commit; creates it where it is missing."""
    _save(target, rows, "overwrite", {"overwriteSchema": "true"})


def replace_days(target: Target, rows: DataFrame, day: str, days: Collection[Day]) -> None:
    """Replaces the rows of `days` in one commit. `day`: the date column."""
    _save(target, rows, "overwrite", {"replaceWhere": sql_is_of(day, days)})


def _save(target: Target, rows: DataFrame, mode: str, options: dict[str, str]) -> None:
    contract = target.contract
    writer = rows.write.format("delta").mode(mode).options(**target.txn.options(), **options)
    if target.version < 0:
        rows = with_required_marks(rows, contract)
        writer = rows.write.format("delta").mode(mode).options(**target.txn.options(), **options)
        writer = writer.options(**target.properties())
    elif mode == "append":
        writer = writer.option("mergeSchema", "true")
    if contract.lake.partition_by:
        writer = writer.partitionBy(*contract.lake.partition_by)
    with guarded(target.spark, target.guard):
        writer.save(target.uri)


def with_required_marks(rows: DataFrame, contract: Contract) -> DataFrame:
    """Marks each column that may have no null, so that a later contract is held against what was promised."""
    required = {c.name for c in contract.columns if not c.nullable}
    marks = [
        F.col(f"`{n}`").alias(n, metadata={REQUIRED: True}) if n in required else F.col(f"`{n}`")
        for n in rows.columns
    ]
    return rows.select(*marks)


def one_task_per_partition(rows: DataFrame, contract: Contract) -> DataFrame:
    """Brings the rows of a partition value into one task, which writes them as one file."""
    columns = contract.lake.partition_by
    return rows.repartition(*[F.col(c) for c in columns]) if columns else rows


def in_few_files(rows: DataFrame) -> DataFrame:
    """Small results in one file, large ones in files of the environment's `partition_size_mb`."""
    return rows.hint("rebalance")
