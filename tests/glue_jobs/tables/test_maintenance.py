"""Maintenance makes files fewer and clusters only what was written since; it changes no row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from glue_jobs.session import job_session
from glue_jobs.tables.delta_log import Txn, version
from glue_jobs.tables.maintenance import ClusteringState, FileStats, TableMaintainer
from glue_jobs.tables.target import Target, append
from lakehouse.contracts import Contract
from lakehouse.environments import load_environment
from tests.glue_jobs.builders import contract

PLAIN = contract()
CLUSTERED = contract(
    "silver.things",
    {
        "id": {"type": "integer"},
        "value": {"type": ["string", "null"]},
        "changed_at": {"type": "string", "format": "date-time"},
    },
    cluster_by=["value"],
    partition_by=["id"],
)


def write(spark: SparkSession, folder: Path, of: Contract, batch: int, key: str) -> None:
    rows = spark.range(4).selectExpr(
        f"{key} AS id", "CAST(id AS string) AS value", "timestamp'2017-01-31 10:00:00' AS changed_at"
    )
    txn = Txn("test", batch, str(batch))
    append(Target(job_session(spark), folder.as_uri(), of, txn, lambda: None), rows.coalesce(1))


def maintainer(
    spark: SparkSession, folder: Path, of: Contract, guard: Callable[[], None] = lambda: None
) -> TableMaintainer:
    return TableMaintainer.of(spark, folder.as_uri(), of, load_environment("dev").maintenance, guard)


def test_small_files_become_one_and_every_row_stays(spark: SparkSession, tmp_path: Path) -> None:
    for batch in (1, 2, 3):
        write(spark, tmp_path, PLAIN, batch, "id")
    table = maintainer(spark, tmp_path, PLAIN)
    assert table.file_stats().files == 3
    assert table.optimize(None) is None
    stats = table.file_stats()
    assert stats == FileStats(1, stats.bytes)
    assert spark.read.format("delta").load(tmp_path.as_uri()).count() == 12


def test_only_partitions_written_since_are_clustered_again(spark: SparkSession, tmp_path: Path) -> None:
    for batch, key in enumerate(("1", "1", "2", "2"), 1):
        write(spark, tmp_path, CLUSTERED, batch, key)
    table = maintainer(spark, tmp_path, CLUSTERED)
    first = table.optimize(None)
    assert first
    assert (first.columns, table.file_stats().files) == (("value",), 2)
    assert table.optimize(first) == first
    write(spark, tmp_path, CLUSTERED, 5, "2")
    second = table.optimize(first)
    assert second
    assert second.version > first.version
    assert table.file_stats().files == 2


def test_a_state_of_another_table_or_of_other_columns_counts_for_nothing(
    spark: SparkSession, tmp_path: Path
) -> None:
    for batch in (1, 2):
        write(spark, tmp_path, CLUSTERED, batch, "1")
    table = maintainer(spark, tmp_path, CLUSTERED)
    newest = version(spark, tmp_path.as_uri())
    assert table.optimize(ClusteringState("another table", newest, ("value",)))
    assert table.file_stats().files == 1


def test_nothing_is_rewritten_or_deleted_without_the_lease(spark: SparkSession, tmp_path: Path) -> None:
    write(spark, tmp_path, PLAIN, 1, "id")
    write(spark, tmp_path, PLAIN, 2, "id")

    def lost() -> None:
        raise RuntimeError("lease lost")

    table = maintainer(spark, tmp_path, PLAIN, lost)
    with pytest.raises(RuntimeError, match="lease lost"):
        table.optimize(None)
    with pytest.raises(RuntimeError, match="lease lost"):
        table.vacuum()
    assert table.file_stats().files == 2
