"""Watches the running queries until all are done, one fails, or the application is asked to end."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glue_jobs.streaming.failures import failure
from glue_jobs.streaming.micro_batch import MicroBatchWriter, StoppingError
from glue_jobs.streaming.progress_metrics import ProgressMetrics

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery

log = logging.getLogger(__name__)

POLL_SECONDS = 0.1


@dataclass(frozen=True)
class RunningQuery:
    """A started query and the writer of its micro-batches."""

    table: str
    query: StreamingQuery
    writer: MicroBatchWriter

    def failure(self) -> BaseException | None:
        """The error that ended the query, if one did."""
        return failure(self.table, self.query, self.writer)


class EndRequest(threading.Event):
    """Asks the queries of one try to end.

    It is set when one of them fails, or when the whole stream is asked to end.
    """

    def __init__(self, stream: threading.Event) -> None:
        super().__init__()
        self._stream = stream

    def is_set(self) -> bool:
        return super().is_set() or self._stream.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set() or super().wait(timeout) or self.is_set()


def watch(queries: list[RunningQuery], stopping: threading.Event, metrics: ProgressMetrics) -> None:
    """Returns when every query has ended.

    Raises the first error; the other queries end their micro-batch before.
    """
    failed: BaseException | None = None
    while running := [q for q in queries if q.query.isActive]:
        for q in running:
            metrics.sample(q.table, q.query)
            if stopping.is_set() and not q.query.status["isTriggerActive"]:
                q.query.stop()
        failed = failed or _first_failure([q for q in queries if q not in running])
        if failed:
            stopping.set()
        metrics.send()
        if not stopping.wait(POLL_SECONDS):
            continue
        time.sleep(POLL_SECONDS)
    failed = failed or _first_failure(queries)
    for q in queries:
        metrics.sample(q.table, q.query, now=True)
        if q.writer.missing:
            metrics.add_missing(q.table, q.writer.missing)
    metrics.send(now=True)
    if failed:
        raise failed


def _first_failure(queries: list[RunningQuery]) -> BaseException | None:
    return next((error for error in (q.failure() for q in queries) if error), None)


class _QuietFilter(logging.Filter):
    """Drops py4j's log line of a batch that does not begin because the stream ends: that is no error."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], StoppingError))


logging.getLogger("py4j.clientserver").addFilter(_QuietFilter())


@contextmanager
def stopped_by_signals(stopping: threading.Event) -> Iterator[None]:
    """Makes SIGTERM and SIGINT ask the queries to end while the block runs; only a main thread can listen."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _: object) -> None:
        name = signal.Signals(number).name
        log.warning("%s: the running micro-batches are finished, then the streams end", name)
        stopping.set()

    before = {s: signal.signal(s, stop) for s in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
