"""Which messages of which topics a streaming job reads, on a real broker."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from glue_jobs.errors import RunError
from glue_jobs.job_types.stream import Stream
from glue_jobs.state.audit import Counts
from lakehouse.environments import Environment
from tests.glue_jobs.streaming.topic_harness import TopicHarness
from tests.glue_jobs.streaming.topic_rows import COLUMNS, row


@pytest.fixture
def feed(local_env: Environment, spark: SparkSession) -> TopicHarness:
    return TopicHarness(local_env, spark)


def test_a_topic_that_is_mostly_broken_is_read_to_its_end_and_then_said(feed: TopicHarness) -> None:
    bronze = feed.contract()
    feed.send("x", "y", row(1))
    run = feed.drain(bronze)
    assert feed.rows(bronze, "id") == [(1,)]
    assert [p.code for p in run.problems] == ["RUN112"]


def test_a_topic_that_does_not_exist_is_refused_before_anything_starts(feed: TopicHarness) -> None:
    bronze = feed.contract(
        source={"kind": "kafka", "object": f"{feed.name}_typo", "format": "json_lines", "system": "feed"}
    )
    with pytest.raises(RunError, match=f"RUN103 .*has no topic '{feed.name}_typo'"):
        feed.drain(bronze)


def test_one_micro_batch_takes_no_more_than_the_job_says(feed: TopicHarness) -> None:
    bronze = feed.contract()
    feed.send(*[row(i) for i in range(1, 31)])
    feed.drain(bronze, max_offsets_per_trigger="10")
    sizes: dict[str, int] = {}
    for (batch,) in feed.rows(bronze, "_batch_id"):
        sizes[batch] = sizes.get(batch, 0) + 1
    assert sorted(sizes.values()) == [10, 10, 10]


def test_latest_begins_with_what_comes_after_the_start(feed: TopicHarness) -> None:
    bronze = feed.contract()
    feed.send(row(1))
    assert feed.drain(bronze, starting_offsets="latest").counts[bronze.table] == Counts()
    feed.send(row(2))
    assert feed.drain(bronze, starting_offsets="latest").counts[bronze.table] == Counts(1, 1)


def test_two_streams_of_one_application_each_have_their_table(feed: TopicHarness) -> None:
    bronze, other = feed.contract(), feed.contract(layer="silver", columns=COLUMNS, primary_key=["id"])
    feed.send(row(1), row(2))
    job = feed.job(bronze, other)
    run = feed.context(job, bronze, other)
    Stream.of(job).execute(run)
    assert run.counts == {bronze.table: Counts(2, 2), other.table: Counts(2, 2)}
    assert feed.rows(bronze, "id") == feed.rows(other, "id") == [(1,), (2,)]
