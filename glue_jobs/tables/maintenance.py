"""Maintains a Delta table: compacts small files, clusters rows by columns, deletes files without readers.

Maintenance changes no row, so a change feed shows none of it.
https://docs.delta.io/latest/optimizations-oss.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.contract.sql_literals import literal
from glue_jobs.session import job_session
from glue_jobs.tables.delta_log import snapshot, version
from glue_jobs.tables.guarded_write import guarded
from lakehouse.contracts import Contract
from lakehouse.environments.model import Maintenance

STATS = "delta.dataSkippingStatsColumns"
# Of one OPTIMIZE: Spark takes longer to parse a longer condition than to rewrite the files.
MAX_PARTITIONS = 200
MB = 1 << 20
# (column, value) pairs, sorted by column; a table without partition columns has one partition, ().
Partition = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class FileStats:
    """Files and bytes of a table's newest version."""

    files: int
    bytes: int


@dataclass(frozen=True)
class ClusteringState:
    """After `version` all partitions of the table were clustered by `columns`."""

    table_id: str
    version: int
    columns: tuple[str, ...]


@dataclass(frozen=True)
class TableMaintainer:
    """Maintains one table. `guard` runs before each commit and raises when the lease of the table is lost."""

    spark: SparkSession
    uri: str
    contract: Contract
    facts: Maintenance
    guard: Callable[[], None]

    @classmethod
    def of(
        cls, spark: SparkSession, uri: str, contract: Contract, facts: Maintenance, guard: Callable[[], None]
    ) -> TableMaintainer:
        """A maintainer with a Spark session of its own: its settings must not reach other tables' writers."""
        session = job_session(spark)
        session.conf.set("spark.databricks.delta.optimize.minFileSize", str(facts.small_file_mb * MB))
        session.conf.set("spark.databricks.delta.optimize.maxFileSize", str(facts.large_file_mb * MB))
        # VACUUM would write two commits without rows, which every reader of the table would have to skip.
        session.conf.set("spark.databricks.delta.vacuum.logging.enabled", "false")
        session.conf.set("spark.databricks.delta.vacuum.parallelDelete.enabled", "true")
        return cls(session, uri, contract, facts, guard)

    def file_stats(self) -> FileStats:
        newest = snapshot(self.spark, self.uri)
        return FileStats(int(newest.numOfFiles()), int(newest.sizeInBytes()))

    def optimize(self, last: ClusteringState | None) -> ClusteringState | None:
        """Compacts small files, and clusters by `x-lake.cluster_by` the partitions written since `last`.

        Delta itself would cluster all partitions each time. Returns the state to give as `last` the next
        time.
        """
        columns = tuple(self.contract.lake.cluster_by)
        if not columns:
            self._run(f"OPTIMIZE {self._name}")
            return None
        self._with_stats()
        table_id, newest = str(snapshot(self.spark, self.uri).metadata().id()), version(self.spark, self.uri)
        applies = last and (last.table_id, last.columns) == (table_id, columns) and last.version <= newest
        for where in self._unclustered(last.version if last and applies else None):
            self._run(f"OPTIMIZE {self._name}{where} ZORDER BY ({', '.join(f'`{c}`' for c in columns)})")
        return ClusteringState(table_id, version(self.spark, self.uri), columns)

    def vacuum(self) -> None:
        """Deletes files that no version of the last `retain_hours` needs."""
        self._run(f"VACUUM {self._name} RETAIN {self.facts.retain_hours} HOURS")

    @property
    def _name(self) -> str:
        return f"delta.`{self.uri}`"

    def _run(self, command: str) -> None:
        with guarded(self.spark, self.guard):
            self.spark.sql(command)

    def _with_stats(self) -> None:
        """Collects statistics of the `cluster_by` columns: Delta clusters by no column without them.

        A table that is older than its contract's `cluster_by` lacks them.
        """
        columns = ",".join(self.contract.stats_columns)
        properties = snapshot(self.spark, self.uri).metadata().configuration()
        if not properties.contains(STATS) or str(properties.get(STATS).get()) != columns:
            self._run(f"ALTER TABLE {self._name} SET TBLPROPERTIES ('{STATS}' = '{columns}')")

    def _unclustered(self, since: int | None) -> list[str]:
        """WHERE clauses of the OPTIMIZE commands; "" is the whole table.

        A partition of one file is clustered already.
        """
        counts = _files(self.spark, self.uri)
        written = set(counts) if since is None else self._written(since)
        unclustered = [partition for partition, files in counts.items() if files > 1 and partition in written]
        if unclustered and len(unclustered) == len(counts):
            return [""]
        starts = range(0, len(unclustered), MAX_PARTITIONS)
        return [f" WHERE {_condition(unclustered[i : i + MAX_PARTITIONS])}" for i in starts]

    def _written(self, since: int) -> set[Partition]:
        """The partitions that gained rows after version `since`; all, where the log's files are deleted."""
        numbers = range(since + 1, version(self.spark, self.uri) + 1)
        paths = [f"{self.uri}/_delta_log/{number:020d}.json" for number in numbers]
        if not paths:
            return set()
        try:
            commits = self.spark.read.schema(
                "add struct<partitionValues: map<string, string>, dataChange: boolean>"
            ).json(paths)
        except AnalysisException:
            return set(_files(self.spark, self.uri))
        added = commits.where("add.dataChange").select(_text("add.partitionValues").alias("values"))
        return {_partition(row["values"]) for row in added.distinct().collect()}


def _files(spark: SparkSession, uri: str) -> dict[Partition, int]:
    """The number of files of each partition. Partitions are few, so they may be collected."""
    java: Any = snapshot(spark, uri).allFiles().toDF()
    counted = (
        DataFrame(java, spark)
        .groupBy(_text("partitionValues").alias("values"))
        .agg(F.count(F.lit(1)).alias("files"))
    )
    return {_partition(row["values"]): row["files"] for row in counted.collect()}


def _text(values: str) -> Column:
    """The JSON of a map: Spark cannot group by maps."""
    return F.to_json(values, {"ignoreNullFields": "false"})


def _partition(text: str) -> Partition:
    return tuple(sorted(json.loads(text).items()))


def _condition(partitions: Sequence[Partition]) -> str:
    def one(partition: Partition) -> str:
        terms = [
            f"`{name}` IS NULL" if value is None else f"`{name}` = {literal(value)}"
            for name, value in partition
        ]
        return f"({' AND '.join(terms)})"

    return " OR ".join(map(one, partitions))
