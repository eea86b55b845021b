"""A table as it was known at the end of a day, in a partition that expires."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from cli.tables.storage import storage_options
from glue_jobs.backfill_as_of import AsOfRequest, write_as_of
from glue_jobs.errors import RunError
from glue_jobs.state.audit import Audit
from glue_jobs.tables.as_of import delete_expired
from lakehouse.contracts import Schemas
from lakehouse.environments import Environment, names
from tests.glue_jobs.builders import contract
from tests.glue_jobs.job_types.ingest_harness import COLUMNS, IngestHarness, row


def today() -> date:
    """Asked by each test: midnight may pass after the tests were collected."""
    return datetime.now(UTC).date()


@pytest.fixture
def harness(local_env: Environment, spark: SparkSession) -> IngestHarness:
    return IngestHarness(local_env, spark)


def stored(env: Environment, table: str) -> list[tuple[object, ...]]:
    """(id, value, as_of_date) of each row, read without Spark."""
    lake = DeltaTable(names.table_uri(env, table), storage_options=storage_options(env))
    rows = lake.to_pyarrow_table(columns=["id", "value", "as_of_date"]).to_pylist()
    return sorted(tuple(r.values()) for r in rows)


def test_states_are_partitions_of_a_table_of_their_own(harness: IngestHarness) -> None:
    env, spark, bronze, silver = harness.env, harness.spark, harness.bronze, harness.silver
    schemas = Schemas({c.table: c for c in (bronze, silver)}, {})
    harness.drop(row(1, "old"))
    harness.ingest()
    harness.build()
    request = AsOfRequest([bronze.table, silver.table], today(), 30, "somebody")
    assert write_as_of(env, schemas, spark, request) == {bronze.table: 1, silver.table: 1}
    harness.drop(row(1, "new", minute=1), file="1.jsonl")
    harness.ingest()
    harness.build()
    own = names.as_of_table(silver.table)
    assert stored(env, own) == [(1, "old", today())]
    # Written again it is the same partition, of what is known by now.
    assert write_as_of(env, schemas, spark, request) == {bronze.table: 2, silver.table: 1}
    assert stored(env, own) == [(1, "new", today())]
    (audit,) = Audit(env).list(job="backfill_as_of", limit=1)
    assert (audit.actor, audit.action["target"]) == ("somebody", own)
    # Nothing was known yesterday: bronze says so by its rows, silver by its log.
    yesterday = AsOfRequest([bronze.table], today() - timedelta(days=1), 30, "somebody")
    assert write_as_of(env, schemas, spark, yesterday) == {bronze.table: 0}
    with pytest.raises(RunError, match="RUN604"):
        write_as_of(env, schemas, spark, AsOfRequest([silver.table], date(2017, 1, 31), 30, "somebody"))
    uri = names.table_uri(env, own)
    assert not delete_expired(spark, uri, today() + timedelta(days=30), 168, lambda: None)
    assert delete_expired(spark, uri, today() + timedelta(days=31), 168, lambda: None)
    assert stored(env, own) == []


def test_a_table_of_days_gets_its_own_partition_back(harness: IngestHarness) -> None:
    env, spark, table = harness.env, harness.spark, f"gold.{harness.name}"
    day = {"as_of_date": {"type": "string", "format": "date"}}
    days = contract(table, {**COLUMNS, **day}, partition_by=["as_of_date"])
    uri = names.table_uri(env, table)
    ddl = "id bigint, value string, changed_at timestamp, as_of_date date"
    for value in ("right", "wrong"):
        rows = [(1, value, datetime(2017, 1, 1), d) for d in (today(), today() - timedelta(days=1))]
        frame = spark.createDataFrame(rows, ddl).write.format("delta").mode("overwrite")
        frame.partitionBy("as_of_date").save(uri)
    request = AsOfRequest([table], today(), 30, "somebody")
    assert write_as_of(env, Schemas({table: days}, {}), spark, request) == {table: 1}
    assert len(stored(env, table)) == 2
