"""Runs of the maintenance job on the tables of an ingest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from pyspark.sql import SparkSession

from glue_jobs.job_types.maintain import Maintain
from glue_jobs.run_context import RunContext
from glue_jobs.tables.maintenance import TableMaintainer
from lakehouse.contracts import Contract, Schemas
from lakehouse.environments import Environment, load_environment
from tests.glue_jobs import delta_rs
from tests.glue_jobs.job_types.ingest_harness import IngestHarness

LOADED = datetime(2017, 1, 31, 10, tzinfo=UTC)


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


def many_files(harness: IngestHarness, number: int = 4) -> None:
    """Bronze after so many loads: a file of two rows of each."""
    for n in range(number):
        rows = [{"id": 2 * n + 1, "value": f"v{n}"}, {"id": 2 * n + 2, "value": "v"}]
        delta_rs.append_records(harness.env, harness.bronze, [{**row, "changed_at": LOADED} for row in rows])


def write_parts(harness: IngestHarness, of: Contract, parts: list[list[str]]) -> None:
    """A commit for each list, with two rows for each of its days."""
    for days in parts:
        rows = [
            {"id": n, "value": f"v{day}", "changed_at": LOADED, "day": date.fromisoformat(day)}
            for n, day in enumerate(days * 2)
        ]
        delta_rs.append_records(harness.env, of, rows)


def maintainer(spark: SparkSession, folder: Path, of: Contract) -> TableMaintainer:
    return TableMaintainer.of(spark, folder.as_uri(), of, load_environment("dev").maintenance, lambda: None)
