"""A table that a run has written is restored, and both its writer and its readers go on."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from cli.tables.restore import RestorePlan
from glue_jobs.tables import read
from lakehouse.environments import Environment, names
from tests.glue_jobs.job_types.ingest_harness import IngestHarness, row


@pytest.fixture
def harness(local_env: Environment, spark: SparkSession) -> IngestHarness:
    return IngestHarness(local_env, spark)


def test_readers_see_a_restore_and_the_next_run_goes_on(harness: IngestHarness) -> None:
    env, table = harness.env, harness.silver.table
    for number, value in enumerate(["right", "wrong"]):
        harness.drop(row(1, value, minute=number), file=f"{number}.jsonl")
        harness.ingest()
        harness.build()
    plan = RestorePlan.of(env, table, 0)
    assert (plan.newest, len(plan.undone), plan.missing) == (1, 1, 0)
    plan.execute()
    assert harness.rows("silver") == [(1, "right")]
    feed = read.changes(harness.spark, names.table_uri(env, table), 1, 2)
    assert sorted((r._change_type, r.value) for r in feed.collect()) == [
        ("delete", "wrong"),
        ("insert", "right"),
    ]
    harness.drop(row(2, "new"), file="2.jsonl")
    harness.ingest()
    assert harness.build().written == 1
    assert harness.rows("silver") == [(1, "right"), (2, "new")]
