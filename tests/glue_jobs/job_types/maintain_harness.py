"""Runs of the maintenance job on the tables of an ingest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.job_types.maintain import Maintain
from glue_jobs.run_context import RunContext
from glue_jobs.tables.delta_log import version
from glue_jobs.tables.maintenance import TableMaintainer
from glue_jobs.tables.target import append
from lakehouse.contracts import Contract, Schemas
from lakehouse.environments import Environment, load_environment, names
from tests.glue_jobs.builders import target
from tests.glue_jobs.job_types.ingest_harness import IngestHarness, row


def context(
    harness: IngestHarness, tables: Sequence[str], *more: Contract, env: Environment | None = None
) -> RunContext:
    run = harness.context((), (), env)
    run.job = replace(run.job, name=f"maintain_{harness.name}", maintains=tuple(tables))
    run.schemas = Schemas({c.table: c for c in (harness.bronze, harness.silver, *more)}, {})
    return run


def maintain(
    harness: IngestHarness, tables: Sequence[str], *more: Contract, env: Environment | None = None
) -> RunContext:
    run = context(harness, tables, *more, env=env)
    Maintain().execute(run)
    return run


def many_files(harness: IngestHarness, drops: int = 4) -> None:
    for n in range(drops):
        harness.drop(row(2 * n + 1, f"v{n}"), row(2 * n + 2), file=f"part-{n}.jsonl")
        harness.ingest()


def write_parts(harness: IngestHarness, of: Contract, parts: list[list[str]]) -> None:
    """A commit for each list, with two rows for each of its days."""
    uri = names.table_uri(harness.env, of.table)
    for days in parts:
        number = version(harness.spark, uri) + 2
        rows = harness.spark.createDataFrame(
            [(n, f"v{day}", day) for n, day in enumerate(days * 2)], "id long, value string, day string"
        )
        typed = rows.select(
            "id",
            "value",
            F.lit(datetime(2017, 1, 31, 10, tzinfo=UTC)).alias("changed_at"),
            F.col("day").cast("date"),
        )
        mine = target(harness.spark, harness.env, of, number, uri, app=harness.name)
        append(mine, typed.select(*of.column_names).coalesce(1))


def maintainer(spark: SparkSession, folder: Path, of: Contract) -> TableMaintainer:
    return TableMaintainer.of(spark, folder.as_uri(), of, load_environment("dev").maintenance, lambda: None)
