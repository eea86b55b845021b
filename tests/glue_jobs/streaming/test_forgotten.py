"""A stream takes no message of a forgotten person, however it writes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from glue_jobs.state.audit import Counts
from glue_jobs.state.tombstones import lift_tombstone, put_tombstone
from lakehouse.environments import Environment
from tests.glue_jobs.streaming.topic_harness import TopicHarness
from tests.glue_jobs.streaming.topic_rows import COLUMNS, row

WHO = "771177"


@pytest.fixture
def feed(local_env: Environment, spark: SparkSession) -> Iterator[TopicHarness]:
    put_tombstone(local_env, "run", "id", WHO)
    yield TopicHarness(local_env, spark)
    lift_tombstone(local_env, "run", "id", WHO)


def test_a_merged_table_takes_no_row_of_a_forgotten_person_and_quarantines_none(feed: TopicHarness) -> None:
    table = feed.contract("silver", COLUMNS, write="merge")
    feed.send(row(1), row(int(WHO)), row(int(WHO), minute=5), {**row(int(WHO)), "changed_at": "no time"})
    feed.send(row(0), row(2))
    run = feed.drain(table)
    assert run.counts[table.table] == Counts(6, 2, 1, 3)
    assert feed.rows(table, "id") == [(1,), (2,)]
    assert [r["row"]["id"] for r in feed.lane(table)] == ["0"]
