"""Queries are watched until they end; the first error ends the others."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from glue_jobs.streaming.micro_batch import StoppingError
from glue_jobs.streaming.progress_metrics import ProgressMetrics
from glue_jobs.streaming.watch import EndRequest, RunningQuery, watch
from lakehouse.environments import Environment
from tests.glue_jobs.run_harness import job, run_context, schemas


@dataclass
class SparkQuery:
    """Stands for Spark's handle of a query: it is active for some polls, then it has ended."""

    polls: int
    raised: Exception | None = None
    stopped: bool = False
    lastProgress: Any = None
    status: dict[str, bool] = field(default_factory=lambda: {"isTriggerActive": False})

    @property
    def isActive(self) -> bool:
        self.polls -= 1
        return self.polls >= 0 and not self.stopped

    def stop(self) -> None:
        self.stopped = True

    def exception(self) -> Exception | None:
        return self.raised


@dataclass
class BatchState:
    """What the watch asks of a writer of micro-batches."""

    error: BaseException | None = None
    missing: int = 0


def running(table: str, query: SparkQuery, writer: BatchState) -> RunningQuery:
    return RunningQuery(table, cast("Any", query), cast("Any", writer))


@pytest.fixture
def metrics(aws_env: Environment) -> ProgressMetrics:
    return ProgressMetrics(run_context(aws_env, job(), schemas()))


def test_the_watch_ends_when_every_query_has(metrics: ProgressMetrics) -> None:
    short, long = SparkQuery(1), SparkQuery(3)
    watch([running("a", short, BatchState()), running("b", long, BatchState())], threading.Event(), metrics)
    assert (short.stopped, long.stopped) == (False, False)


def test_when_one_query_fails_the_others_are_stopped_and_its_error_is_raised(
    metrics: ProgressMetrics,
) -> None:
    failing, other = SparkQuery(1), SparkQuery(1_000)
    stopping = threading.Event()
    with pytest.raises(ValueError, match="broken"):
        watch(
            [running("a", failing, BatchState(ValueError("broken"))), running("b", other, BatchState())],
            stopping,
            metrics,
        )
    assert (other.stopped, stopping.is_set()) == (True, True)


def test_a_query_that_was_asked_to_end_has_not_failed(metrics: ProgressMetrics) -> None:
    stopping = threading.Event()
    stopping.set()
    query = SparkQuery(1_000, raised=RuntimeError("the JVM's account of it"))
    watch([running("a", query, BatchState(StoppingError()))], stopping, metrics)
    assert query.stopped


def test_a_query_is_not_stopped_in_the_middle_of_a_micro_batch(metrics: ProgressMetrics) -> None:
    stopping = threading.Event()
    stopping.set()
    query = SparkQuery(2, status={"isTriggerActive": True})
    watch([running("a", query, BatchState())], stopping, metrics)
    assert not query.stopped


def test_a_failed_try_ends_its_own_queries_and_not_the_stream(metrics: ProgressMetrics) -> None:
    stream = threading.Event()
    request = EndRequest(stream)
    failing, other = SparkQuery(1), SparkQuery(1_000)
    queries = [
        running("a", failing, BatchState(ValueError("broken"))),
        running("b", other, BatchState()),
    ]
    with pytest.raises(ValueError, match="broken"):
        watch(queries, request, metrics)
    assert other.stopped
    assert request.is_set()
    assert not stream.is_set()
    assert not EndRequest(stream).is_set()


def test_a_stream_that_is_asked_to_end_ends_every_try(metrics: ProgressMetrics) -> None:
    stream = threading.Event()
    request = EndRequest(stream)
    stream.set()
    query = SparkQuery(1_000)
    watch([running("a", query, BatchState())], request, metrics)
    assert query.stopped
    assert request.wait(0)
