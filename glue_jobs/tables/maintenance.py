"""Keeping a table in shape: small files into large ones, rows that are read together side by side, files that no reader needs any more away.

None of it changes a row, so a change feed shows nothing of it. https://docs.delta.io/latest/optimizations-oss.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.contract.conditions import literal
from glue_jobs.session import job_session
from glue_jobs.tables.delta_log import snapshot, version
from lakehouse.contracts import Contract
from lakehouse.environments.model import Maintenance

STATS = "delta.dataSkippingStatsColumns"
# Partitions that one command names: a longer condition takes Spark longer to read than the files.
MOST_PARTITIONS = 200
MB = 1 << 20
# Its columns and values, sorted; a table without partitions is one without columns.
Partition = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Shape:
    """What the newest version of a table is made of."""

    files: int
    bytes: int


@dataclass(frozen=True)
class Ordered:
    """After which version of which table its rows lay in which order; what was not written since does so still."""

    table_id: str
    version: int
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """A table under maintenance. `guard` is asked before each commit: is it still ours to write?"""

    spark: SparkSession
    uri: str
    contract: Contract
    facts: Maintenance
    guard: Callable[[], None]

    @classmethod
    def of(
        cls, spark: SparkSession, uri: str, contract: Contract, facts: Maintenance, guard: Callable[[], None]
    ) -> Kept:
        """In a session of its own: what is set here must not reach another table's writer."""
        own = job_session(spark)
        own.conf.set("spark.databricks.delta.optimize.minFileSize", str(facts.small_file_mb * MB))
        own.conf.set("spark.databricks.delta.optimize.maxFileSize", str(facts.large_file_mb * MB))
        # Two commits each time, of which each reader of the table would have to learn that they are nothing.
        own.conf.set("spark.databricks.delta.vacuum.logging.enabled", "false")
        own.conf.set("spark.databricks.delta.vacuum.parallelDelete.enabled", "true")
        return cls(own, uri, contract, facts, guard)

    def shape(self) -> Shape:
        newest = snapshot(self.spark, self.uri)
        return Shape(int(newest.numOfFiles()), int(newest.sizeInBytes()))

    def optimize(self, last: Ordered | None) -> Ordered | None:
        """Small files together; with `x-lake.cluster_by`, all files of each partition that was written since `last`, in that order.

        Delta itself would order everything anew each time. Gives what is to be `last` the next time.
        """
        columns = tuple(self.contract.lake.cluster_by)
        if not columns:
            self._run(f"OPTIMIZE {self._name}")
            return None
        self._with_stats()
        table_id, now = str(snapshot(self.spark, self.uri).metadata().id()), version(self.spark, self.uri)
        known = (
            last is not None and (last.table_id, last.columns) == (table_id, columns) and last.version <= now
        )
        for where in self._due(last.version if last and known else None):
            self._run(f"OPTIMIZE {self._name}{where} ZORDER BY ({', '.join(f'`{c}`' for c in columns)})")
        return Ordered(table_id, version(self.spark, self.uri), columns)

    def vacuum(self) -> None:
        """Away with what no version of the last `retain_hours` needs."""
        self._run(f"VACUUM {self._name} RETAIN {self.facts.retain_hours} HOURS")

    @property
    def _name(self) -> str:
        return f"delta.`{self.uri}`"

    def _run(self, command: str) -> None:
        self.guard()
        self.spark.sql(command)

    def _with_stats(self) -> None:
        """A table that is older than its contract's `cluster_by` has no statistics of these columns, and Delta would not order by them."""
        wanted = ",".join(self.contract.stats_columns)
        properties = snapshot(self.spark, self.uri).metadata().configuration()
        if not properties.contains(STATS) or str(properties.get(STATS).get()) != wanted:
            self._run(f"ALTER TABLE {self._name} SET TBLPROPERTIES ('{STATS}' = '{wanted}')")

    def _due(self, since: int | None) -> list[str]:
        """The conditions of the commands that order what is not in order; an empty one is the whole table. One file has no order to give it."""
        counts = _files(self.spark, self.uri)
        written = set(counts) if since is None else self._written(since)
        due = [partition for partition, files in counts.items() if files > 1 and partition in written]
        if due and len(due) == len(counts):
            return [""]
        return [
            f" WHERE {_condition(due[i : i + MOST_PARTITIONS])}" for i in range(0, len(due), MOST_PARTITIONS)
        ]

    def _written(self, since: int) -> set[Partition]:
        """The partitions that gained rows after version `since`, by the log's own files; all that there are where these are gone."""
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
    """How many files each partition has. Partitions are few, so they may be collected."""
    java: Any = snapshot(spark, uri).allFiles().toDF()
    counted = (
        DataFrame(java, spark)
        .groupBy(_text("partitionValues").alias("values"))
        .agg(F.count(F.lit(1)).alias("files"))
    )
    return {_partition(row["values"]): row["files"] for row in counted.collect()}


def _text(values: str) -> Column:
    """Maps cannot be grouped by; their text can."""
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
