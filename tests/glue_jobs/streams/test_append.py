"""Messages into a table as they come, on a real broker."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pyspark.sql import SparkSession

from environments import Environment
from glue_jobs.state.audit import Counts
from tests.glue_jobs.streams.feed import DAY, Feed, row


@pytest.fixture
def feed(local_world: Environment, spark: SparkSession) -> Feed:
    return Feed(local_world, spark)


def test_messages_become_rows_with_their_place_once(feed: Feed) -> None:
    bronze = feed.contract()
    feed.send(row(1), row(2, "é東京"))
    feed.send(row(3, None, None), partition=1)
    assert feed.drain(bronze).counts[bronze.table] == Counts(3, 3)
    assert feed.rows(bronze, "id", "name", "amount", "kafka_topic", "kafka_partition", "kafka_offset") == [
        (1, "n", Decimal("1.50"), feed.name, 0, 0),
        (2, "é東京", Decimal("1.50"), feed.name, 0, 1),
        (3, None, None, feed.name, 1, 0),
    ]
    feed.send(row(4))
    assert feed.drain(bronze).counts[bronze.table] == Counts(1, 1)
    assert feed.rows(bronze, "id") == [(1,), (2,), (3,), (4,)]
    stored = feed.table(bronze).to_pyarrow_table().to_pylist()
    assert {r["kafka_timestamp"] for r in stored} == {datetime(2017, 1, 1, 0, 0, 0, 123000, UTC)}
    assert {r["changed_at"] for r in stored} == {datetime(2017, 1, 31, 10, tzinfo=UTC)}
    assert {(r["_source_system"], r["_run_date"]) for r in stored} == {("feed", DAY)}
    assert len({(r["_batch_id"], r["_ingest_ts"]) for r in stored}) == 2
