"""Maintenance changes no row, and takes nothing that a reader still needs."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from cli.tables.query import answer
from cli.tables.storage import storage_options
from glue_jobs.errors import RunError, explain
from glue_jobs.state.audit import Counts
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables import read
from glue_jobs.tables.delta_log import Txn
from glue_jobs.tables.target import Target, append
from lakehouse.contracts import Contract
from lakehouse.environments import Environment, names
from tests.glue_jobs.builders import contract
from tests.glue_jobs.job_types.ingest_harness import IngestHarness, row
from tests.glue_jobs.job_types.maintain_harness import maintain, maintainer, many_files

WEEK = 168 * 3600


def by_others(env: Environment, table: str) -> tuple[list[Any], list[Any]]:
    """The rows as delta-rs and as DuckDB see them."""
    stored = DeltaTable(names.table_uri(env, table), storage_options=storage_options(env)).to_pyarrow_table()
    _, rows = answer(env, f"SELECT id, value FROM {table} ORDER BY id")
    return [(r["id"], r["value"]) for r in stored.select(["id", "value"]).sort_by("id").to_pylist()], rows


def test_many_small_files_become_one_of_the_same_rows(harness: IngestHarness) -> None:
    many_files(harness)
    before = by_others(harness.env, harness.bronze.table)
    files = maintain(harness, [harness.bronze.table]).files[harness.bronze.table]
    assert (files["files_before"], files["files_after"]) == (4, 1)
    assert by_others(harness.env, harness.bronze.table) == before
    assert len(before[0]) == len(before[1]) == 8
    # Nothing is older than a week: what older versions need is there.
    assert files["stored_files_after"] == files["stored_files_before"] + 1
    assert files["stored_bytes_after"] == files["stored_bytes_before"] + files["bytes_after"]


def test_what_follows_the_table_reads_nothing_anew_and_then_what_is_new(harness: IngestHarness) -> None:
    many_files(harness)
    harness.build()
    silver = harness.rows("silver")
    maintain(harness, [harness.bronze.table, harness.silver.table])
    assert harness.build() == Counts()
    assert harness.rows("silver") == silver
    harness.drop(row(99, "new", 5), file="later.jsonl")
    harness.ingest()
    assert harness.build() == Counts(1, 1, 0, 0)
    assert harness.rows("silver") == [*silver, (99, "new")]


@pytest.mark.slow
def test_who_is_behind_by_versions_from_before_reads_them_all(harness: IngestHarness) -> None:
    many_files(harness, 1)
    harness.build()
    harness.drop(row(50, "before", 1), file="b.jsonl")
    harness.ingest()
    maintain(harness, [harness.bronze.table])
    harness.drop(row(51, "after", 1), file="c.jsonl")
    harness.ingest()
    assert harness.build() == Counts(2, 2, 0, 0)


@pytest.mark.slow
def test_who_came_too_late_reads_all_again_and_no_row_is_there_twice(harness: IngestHarness) -> None:
    many_files(harness, 2)
    harness.build()
    before = harness.rows("silver")
    Watermarks(harness.env).reset(f"{harness.name}.{harness.silver.table}", None)
    assert harness.build() == Counts(4, 0, 0, 4)
    assert harness.rows("silver") == before


def on_disk(spark: SparkSession, folder: Path) -> Contract:
    """A table of four commits, compacted; its files can be made older, which those of S3 cannot."""
    of = contract()
    for number in range(1, 5):
        rows = spark.range(number * 10, number * 10 + 10, 1, 1).selectExpr(
            "id", "'v' AS value", "timestamp'2017-01-31 10:00:00' AS changed_at"
        )
        append(Target(spark, folder.as_uri(), of, Txn("t", number, str(number)), lambda: None), rows)
    maintainer(spark, folder, of).optimize(None)
    return of


def aged(folder: Path, seconds: float) -> Path:
    """A copy, as if all had happened so long before."""
    copy = folder.with_name(f"{folder.name}-{seconds:.0f}")
    shutil.copytree(folder, copy)
    for commit in (copy / "_delta_log").glob("*.json"):
        actions = [json.loads(line) for line in commit.read_text().splitlines()]
        for action in actions:
            if "remove" in action:
                action["remove"]["deletionTimestamp"] -= int(seconds * 1000)
        commit.write_text("\n".join(map(json.dumps, actions)))
    for crc in (copy / "_delta_log").glob(".*.crc"):
        crc.unlink()
    then = time.time() - seconds
    for file in copy.rglob("*"):
        os.utime(file, (then, then))
    return copy


@pytest.mark.slow
def test_older_versions_can_be_read_for_a_week_and_then_it_is_said_what_is_gone(
    spark: SparkSession, tmp_path: Path
) -> None:
    of = on_disk(spark, tmp_path / "t")
    younger, older = aged(tmp_path / "t", WEEK - 3600), aged(tmp_path / "t", WEEK + 3600)
    for folder in (younger, older):
        maintainer(spark, folder, of).vacuum()
    assert len(list(younger.glob("*.parquet"))) == 5
    assert len(list(older.glob("*.parquet"))) == 1
    # The newest version is whole in both, and the change feed goes on from it.
    for folder in (younger, older):
        assert read.newest(spark, folder.as_uri(), "t").count() == 40
        assert read.new_rows(spark, folder.as_uri(), 3, 4).count() == 0
    assert read.new_rows(spark, younger.as_uri(), 0, 4).count() == 30
    for lost in (read.new_rows(spark, older.as_uri(), 0, 4), read.pinned(spark, older.as_uri(), "t", 1)):
        with pytest.raises(Exception, match="It is possible the underlying files") as raised:
            lost.write.format("noop").mode("overwrite").save()
        error = explain(raised.value)
        assert isinstance(error, RunError)
        assert error.code == "RUN212"
        assert older.name in str(error)
