"""Rows that are read together lie together: only what was written since is ordered anew."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from deltalake import DeltaTable
from pyspark.sql import functions as F

from cli.tables.storage import storage_options
from glue_jobs.tables.delta_log import version
from glue_jobs.tables.target import append
from lakehouse.contracts import Contract
from lakehouse.environments import names
from tests.glue_jobs.builders import contract, target
from tests.glue_jobs.job_types.ingest_harness import IngestHarness
from tests.glue_jobs.job_types.maintain_harness import maintain, many_files, write_parts


def log_of(harness: IngestHarness, table: str) -> list[dict[str, Any]]:
    """What the commits say of themselves, the oldest first."""
    return list(
        reversed(
            DeltaTable(
                names.table_uri(harness.env, table), storage_options=storage_options(harness.env)
            ).history()
        )
    )


@pytest.mark.slow
def test_a_second_time_changes_nothing(harness: IngestHarness) -> None:
    clustered = contract(f"silver.{harness.name}", cluster_by=["id"])
    write_parts(harness, clustered, [["2017-01-01"], ["2017-01-01"]])
    many_files(harness)
    tables = [harness.bronze.table, clustered.table]
    maintain(harness, tables, clustered)
    after = [version(harness.spark, names.table_uri(harness.env, t)) for t in tables]
    again = maintain(harness, tables, clustered)
    assert [version(harness.spark, names.table_uri(harness.env, t)) for t in tables] == after
    assert all(again.files[t]["files_before"] == again.files[t]["files_after"] == 1 for t in tables)


def daily(harness: IngestHarness, **lake: Any) -> Contract:
    columns = {
        "id": {"type": "integer"},
        "value": {"type": ["string", "null"]},
        "changed_at": {"type": "string", "format": "date-time"},
        "day": {"type": ["string", "null"], "format": "date"},
    }
    return contract(f"silver.{harness.name}_daily", columns, partition_by=["day"], **lake)


def test_only_partitions_that_were_written_since_are_ordered_anew(harness: IngestHarness) -> None:
    of = daily(harness, cluster_by=["id"])
    write_parts(harness, of, [["2017-01-01", "2017-01-02", "2017-01-03"]] * 2)
    maintain(harness, [of.table], of)
    (first,) = [c for c in log_of(harness, of.table) if c["operation"] == "OPTIMIZE"]
    assert json.loads(first["operationParameters"]["zOrderBy"]) == ["id"]
    write_parts(harness, of, [["2017-01-02"]])
    files = maintain(harness, [of.table], of).files[of.table]
    assert (files["files_before"], files["files_after"]) == (4, 3)
    second = [c for c in log_of(harness, of.table) if c["operation"] == "OPTIMIZE"][1]
    assert (second["operationMetrics"]["numRemovedFiles"], second["operationMetrics"]["numAddedFiles"]) in (
        ("2", "1"),
        (2, 1),
    )
    assert "2017-01-02" in str(second["operationParameters"]["predicate"])


@pytest.mark.slow
def test_rows_without_a_partition_value_and_a_cluster_column_that_came_later_are_no_hindrance(
    harness: IngestHarness,
) -> None:
    of = daily(harness)
    write_parts(harness, of, [["2017-01-01", "2017-01-02"]] * 2)
    later = daily(harness, cluster_by=["value"])
    rows = harness.spark.createDataFrame([(7, "none")], "id long, value string")
    null = rows.withColumn("changed_at", F.lit(datetime(2017, 1, 1, tzinfo=UTC))).withColumn(
        "day", F.lit(None).cast("date")
    )
    for number in (8, 9):
        append(
            target(
                harness.spark,
                harness.env,
                of,
                number,
                names.table_uri(harness.env, of.table),
                app=harness.name,
            ),
            null,
        )
    files = maintain(harness, [later.table], later).files[later.table]
    assert (files["files_before"], files["files_after"]) == (6, 3)
    for number in (10, 11):
        append(
            target(
                harness.spark,
                harness.env,
                of,
                number,
                names.table_uri(harness.env, of.table),
                app=harness.name,
            ),
            null,
        )
    files = maintain(harness, [later.table], later).files[later.table]
    assert (files["files_before"], files["files_after"]) == (5, 3)
