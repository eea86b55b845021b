"""A batch that a killed run has written is taken as written, whatever its source has become."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pyspark.sql import SparkSession

from cli.quarantine.rows import quarantined_rows
from glue_jobs.aws import clients
from glue_jobs.state.audit import Counts
from glue_jobs.state.watermark import Watermarks
from lakehouse.contracts import Contract
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from tests.glue_jobs import delta_rs
from tests.glue_jobs.builders import contract
from tests.glue_jobs.job_types.ingest_harness import IngestHarness, row
from tests.glue_jobs.job_types.resumed_harness import (
    build,
    ingest,
    killed_before_the_watermark_moves,
)
from tests.glue_jobs.run_harness import RUN_DATE
from tests.glue_jobs.sources.systems import PEOPLE, WarehouseTable, fill, unique
from tests.glue_jobs.sources.test_kafka import GOOD, Topic


def bronze(kind: str, name: str, form: str, **lake: Any) -> Contract:
    source = {"kind": kind, "object": name, "format": form, "system": kind, **lake.pop("source", {})}
    lake |= {"write": "append", "sequence": "updated_at", "source": source}
    return contract(f"bronze.{unique('people')}", PEOPLE, **lake)


@pytest.mark.parametrize("kind", ["snowflake", pytest.param("redshift", marks=pytest.mark.slow)])
def test_an_ingest_goes_on_though_its_table_has_moved_on(
    kind: str, local_env: Environment, spark: SparkSession
) -> None:
    table = WarehouseTable(local_env, kind)
    fill(table)
    table.run(
        "INSERT INTO {t} (id, name, updated_at) VALUES "
        + ", ".join(f"({i}, 'n', '2017-01-05 00:{i // 60:02d}:{i % 60:02d}')" for i in range(1, 1001))
    )
    of = bronze(kind, table.name, "rows", watermark_column="updated_at", source={"overlap_minutes": 1})
    with killed_before_the_watermark_moves():
        ingest(local_env, spark, of)
    table.run("UPDATE {t} SET updated_at = '2017-01-06', name = 'moved' WHERE id IN (7, 8)")
    delta_rs.change_nothing(local_env, names.table_uri(local_env, of.table), 30)
    again = ingest(local_env, spark, of)
    # The pended batch as it was written, then the two rows that changed since then and those of the overlap.
    assert again.counts[of.table].written == 1002
    assert again.counts[of.table].balanced
    assert "an earlier run wrote 1000 rows" in again.warnings[0]
    assert "gives 998 rows of it now" in again.warnings[0]
    stored = [name for (name,) in delta_rs.rows(local_env, names.table_uri(local_env, of.table), "name")]
    assert (len(stored), stored.count("moved")) == (1002, 2)
    assert ingest(local_env, spark, of).counts[of.table].written == 0


def test_files_that_are_gone_after_their_rows_were_written_stop_nothing(
    local_env: Environment, spark: SparkSession
) -> None:
    harness = IngestHarness(local_env, spark)
    harness.drop(row(1), row(2), row(None))
    harness.drop(row(4), file="part-1.jsonl")
    with killed_before_the_watermark_moves():
        harness.ingest()
    key = f"{harness.name}/dt={RUN_DATE}/part-1.jsonl"
    clients(local_env).s3.delete_object(Bucket=names.bucket(local_env, Zone.LANDING), Key=key)
    harness.drop(row(5), file="part-2.jsonl")
    harness.ingest()
    assert [key for key, _ in harness.rows("bronze")] == [1, 2, 4, 5]
    assert harness.ingest() == Counts()


def test_messages_that_are_gone_after_they_were_written_stop_nothing(
    local_env: Environment, spark: SparkSession
) -> None:
    topic = Topic(local_env)
    topic.send(GOOD, GOOD)
    of = bronze("kafka", topic.name, "csv")
    with killed_before_the_watermark_moves():
        ingest(local_env, spark, of)
    topic.send(GOOD)
    topic.forget_before(2)
    assert ingest(local_env, spark, of).counts[of.table].written == 3
    assert delta_rs.table(local_env, names.table_uri(local_env, of.table)).count() == 3


@pytest.mark.slow
def test_a_transform_goes_on_though_its_function_changed(local_env: Environment, spark: SparkSession) -> None:
    harness = IngestHarness(local_env, spark)
    harness.drop(row(1), row(2))
    harness.ingest()
    function = f"def {harness.name}(*, bronze_{harness.name}): return bronze_{harness.name}"
    inputs = (harness.silver, harness.bronze)
    with killed_before_the_watermark_moves():
        build(local_env, spark, function, *inputs)
    delta_rs.change_nothing(local_env, names.table_uri(local_env, harness.silver.table), 30)
    again = build(local_env, spark, f"{function}.where('id = 1')", *inputs)
    assert again.counts[harness.silver.table] == Counts(2, 2)
    assert "an earlier run wrote 2 rows" in again.warnings[0]
    assert [key for key, _ in harness.rows("silver")] == [1, 2]


def test_a_batch_keeps_the_date_of_the_run_that_planned_it(
    local_env: Environment, spark: SparkSession
) -> None:
    harness = IngestHarness(local_env, spark)
    harness.drop(row(1), row(None))
    with killed_before_the_watermark_moves():
        ingest(local_env, spark, harness.bronze)
    next_day = ingest(local_env, spark, harness.bronze, RUN_DATE + timedelta(days=1))
    assert next_day.counts[harness.bronze.table] == Counts(2, 1, 1)
    assert [r.day for r in quarantined_rows(local_env, harness.bronze.table)] == [RUN_DATE.isoformat()]
    uri = names.table_uri(local_env, harness.bronze.table)
    assert delta_rs.rows(local_env, uri, "_run_date") == [(RUN_DATE,)]


def test_a_corrected_file_is_read_by_the_run_after_the_one_that_failed(
    local_env: Environment, spark: SparkSession
) -> None:
    harness = IngestHarness(local_env, spark)
    plan = Watermarks(local_env).open(f"{harness.name}.files")
    harness.drop(row(1))
    ingest_position = {"dt": "2017-01-30", "through": "2017-01-30T00:00:00+00:00", "recent": []}
    plan.plan_batch(ingest_position, batch_id="a-batch", run_id="a-run")
    assert harness.ingest() == Counts(1, 1)
    assert harness.rows("bronze") == [(1, "v")]
