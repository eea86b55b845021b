"""One application per stream: its own checkpoint, its end when it is asked, and the first error."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.job_types.stream import Stream
from glue_jobs.run_context import RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.state.lease import lease
from lakehouse.contracts import Contract
from lakehouse.environments import Environment, names, prefixes
from tests.glue_jobs.streaming.topic_harness import TopicHarness
from tests.glue_jobs.streaming.topic_rows import row


@pytest.fixture
def feed(local_env: Environment, spark: SparkSession) -> TopicHarness:
    return TopicHarness(local_env, spark)


def continuous(env: Environment) -> Environment:
    return env.model_copy(
        update={"streams": env.streams.model_copy(update={"trigger": "continuous", "seconds": 1})}
    )


class Running:
    """A stream in a thread, as long as the block runs."""

    def __init__(self, feed: TopicHarness, bronze: Contract) -> None:
        job = feed.job(bronze)
        self.stream, self.run, self.error = (
            Stream.of(job),
            feed.context(job, bronze, env=continuous(feed.env)),
            None,
        )
        self._thread = threading.Thread(target=self._go)

    def _go(self) -> None:
        try:
            self.stream.execute(self.run)
        except BaseException as error:
            self.error = error

    def until(self, true: Callable[[RunContext], Any]) -> None:
        for _ in range(1200):
            if true(self.run) or not self._thread.is_alive():
                return
            self._thread.join(0.1)
        raise AssertionError("it never came to that")

    def __enter__(self) -> Running:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.stop()
        self._thread.join(120)
        assert not self._thread.is_alive()


def test_the_checkpoint_of_another_query_is_refused_and_says_whose_it_is(feed: TopicHarness) -> None:
    bronze = feed.contract()
    feed.drain(bronze, checkpoint_path="shared/place")
    other = replace(feed.job(bronze, checkpoint_path="shared/place"), name="another")
    run = feed.context(other, bronze)
    with pytest.raises(
        RunError,
        match=f"RUN120 .*is the checkpoint of job {feed.name}, task {feed.task(bronze)}.*job another",
    ):
        Stream.of(other).execute(run)


def test_a_checkpoint_that_says_not_whose_it_is_is_refused(feed: TopicHarness) -> None:
    bronze = feed.contract()
    feed.drain(bronze)
    feed.forget(bronze, "identity.json")
    with pytest.raises(RunError, match=r"RUN121 .*identity\.json is missing"):
        feed.drain(bronze)
    identity = f"{prefixes.checkpoint(feed.name, feed.task(bronze))}/identity.json"
    clients(feed.env).s3.put_object(
        Bucket=names.bucket(feed.env, names.Zone.CHECKPOINTS), Key=identity, Body=b"{}"
    )
    with pytest.raises(RunError, match=r"RUN121 .*damaged"):
        feed.drain(bronze)


def test_a_second_application_of_a_stream_is_refused(feed: TopicHarness) -> None:
    bronze = feed.contract()
    impatient = feed.env.model_copy(update={"lease_wait_seconds": 0})
    with (
        lease(feed.env, f"stream.{feed.name}", "the-first"),
        pytest.raises(RunError, match=f"RUN124 stream {feed.name} runs already.*the-first"),
    ):
        feed.drain(bronze, env=impatient)


def test_a_continuous_stream_takes_what_comes_and_ends_when_it_is_asked(feed: TopicHarness) -> None:
    bronze = feed.contract()
    feed.send(row(1))
    with Running(feed, bronze) as running:
        running.until(lambda run: run.counts.get(bronze.table, Counts()).written == 1)
        feed.send(row(2), row(3))
        running.until(lambda run: run.counts[bronze.table].written == 3)
    assert running.error is None
    assert running.run.counts[bronze.table] == Counts(3, 3)
    feed.send(row(4))
    assert feed.drain(bronze).counts[bronze.table] == Counts(1, 1)
    assert feed.rows(bronze, "id") == [(1,), (2,), (3,), (4,)]


def test_sigterm_ends_a_continuous_stream_after_its_micro_batch(feed: TopicHarness) -> None:
    bronze = feed.contract()
    feed.send(*[row(i) for i in range(1, 101)])
    job = feed.job(bronze, max_offsets_per_trigger="10")
    run = feed.context(job, bronze, env=continuous(feed.env))
    before = signal.getsignal(signal.SIGTERM)
    terminated = threading.Event()

    def terminate() -> None:
        while not run.counts.get(bronze.table, Counts()).written:
            terminated.wait(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=terminate, daemon=True).start()
    Stream.of(job).execute(run)
    assert signal.getsignal(signal.SIGTERM) == before
    written = run.counts[bronze.table].written
    assert 0 < written <= 100
    assert written % 10 == 0
    assert len(feed.rows(bronze, "id")) == written
    feed.drain(bronze)
    assert feed.rows(bronze, "kafka_offset") == sorted([(i,) for i in range(100)], key=str)


def test_when_one_query_fails_the_other_ends_and_its_error_is_the_runs(feed: TopicHarness) -> None:
    bronze, other = feed.contract(), feed.contract(layer="silver", primary_key=["id"])
    feed.send(row(1))
    job = feed.job(bronze, other)
    run = feed.context(
        job, bronze, other, env=continuous(feed.env).model_copy(update={"lease_wait_seconds": 0})
    )
    with (
        lease(feed.env, other.table, "somebody-else"),
        pytest.raises(RunError, match=f"RUN020 '{other.table}' is being written by run somebody-else"),
    ):
        Stream.of(job).execute(run)


def test_messages_that_expired_before_they_were_read_end_the_stream(feed: TopicHarness) -> None:
    bronze = feed.contract()
    feed.send(row(1))
    feed.drain(bronze)
    feed.send(*[row(i) for i in range(2, 10)])
    feed.forget_before(5)
    with pytest.raises(RunError, match=r"RUN104 .*not read yet are gone"):
        feed.drain(bronze)
    assert feed.rows(bronze, "id") == [(1,)]
