"""A rejected row is in quarantine once, however often its source gives it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pyspark.sql import SparkSession

from cli.quarantine.rows import first_rows, quarantined_rows
from glue_jobs.run_context import RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.state.watermark import Watermarks
from lakehouse.contracts import Contract
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract
from tests.glue_jobs.job_types.ingest_harness import IngestHarness, row
from tests.glue_jobs.job_types.resumed_harness import ingest
from tests.glue_jobs.sources.systems import PEOPLE, WarehouseTable, add, fill, unique

DAYS = [date(2017, 1, 5), date(2017, 1, 6), date(2017, 1, 7)]


def quarantined(env: Environment, of: Contract) -> list[str]:
    """The ids of the rows in quarantine, sorted."""
    return sorted(str(r["row"]["id"]) for r in first_rows(env, quarantined_rows(env, of.table), 100))


@pytest.mark.parametrize("kind", ["redshift", "snowflake"])
def test_the_overlap_and_rows_without_a_watermark_are_quarantined_once(
    kind: str, local_env: Environment, spark: SparkSession
) -> None:
    table = WarehouseTable(local_env, kind)
    of = contract(
        f"bronze.{unique('people')}",
        {**PEOPLE, "name": {"type": "string"}},
        write="append",
        sequence="updated_at",
        watermark_column="updated_at",
        source={"kind": kind, "object": table.name, "format": "rows", "system": kind, "overlap_minutes": 60},
    )
    fill(table, "2017-01-05 12:00:00", "2017-01-05 12:10:00", None)
    table.run("INSERT INTO {t} (id, updated_at) VALUES (9, '2017-01-05 12:20:00')")

    def counted(run: RunContext) -> Counts:
        return run.counts[of.table]

    assert counted(ingest(local_env, spark, of, DAYS[0])) == Counts(4, 2, 2)
    add(table, "2017-01-05 12:30:00", start=4)
    # Of the overlap, two sound rows and one rejected one come again, and the row without a watermark.
    assert counted(ingest(local_env, spark, of, DAYS[1])) == Counts(5, 1, 0, 4)
    table.run("INSERT INTO {t} (id, updated_at) VALUES (10, '2017-01-05 12:40:00')")
    assert counted(ingest(local_env, spark, of, DAYS[2])) == Counts(6, 0, 1, 5)
    assert quarantined(local_env, of) == ["10", "3", "9"]


def test_files_that_are_read_again_after_a_reset_are_quarantined_once(
    local_env: Environment, spark: SparkSession
) -> None:
    harness = IngestHarness(local_env, spark)
    harness.drop(row(1), row(None, "a"), row(None, "a"), "no row")
    assert ingest(local_env, spark, harness.bronze).counts[harness.bronze.table] == Counts(4, 1, 3)
    Watermarks(local_env).reset(f"{harness.name}.files", None)
    next_day = date(2017, 1, 31) + timedelta(days=1)
    again = ingest(local_env, spark, harness.bronze, next_day)
    assert again.counts[harness.bronze.table] == Counts(4, 1, 0, 3)
    assert len(quarantined(local_env, harness.bronze)) == 3
    harness.drop(row(None, "a"), file="part-1.jsonl", day=next_day)
    assert ingest(local_env, spark, harness.bronze, next_day).counts[harness.bronze.table] == Counts(1, 0, 1)
