"""Watches over the running queries: until all have read what there is, one fails, or somebody asks them to end."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from glue_jobs.streaming.failures import failure
from glue_jobs.streaming.micro_batch import Batches, StoppingError
from glue_jobs.streaming.progress_metrics import Measure

log = logging.getLogger(__name__)

LOOK = 0.1  # seconds
# Table → the running query, and what it does with its batches.
Queries = dict[str, tuple[Any, Batches]]


def watch(queries: Queries, stopping: threading.Event, measure: Measure) -> None:
    """Returns when every query has ended. Raises the first error; the others end their micro-batch before."""
    failed: BaseException | None = None
    while running := {table: pair for table, pair in queries.items() if pair[0].isActive}:
        for table, (query, _) in running.items():
            measure.look(table, query)
            if stopping.is_set() and not query.status["isTriggerActive"]:
                query.stop()
        failed = failed or _first_failure({t: pair for t, pair in queries.items() if t not in running})
        if failed:
            stopping.set()
        measure.send()
        if not stopping.wait(LOOK):
            continue
        time.sleep(LOOK)
    failed = failed or _first_failure(queries)
    for table, (query, batches) in queries.items():
        measure.look(table, query, now=True)
        if batches.missing:
            measure.missing(table, batches.missing)
    measure.send(now=True)
    if failed:
        raise failed


def _first_failure(queries: Queries) -> BaseException | None:
    return next((f for t, (query, batches) in queries.items() if (f := failure(t, query, batches))), None)


class _Quiet(logging.Filter):
    """A batch that does not begin because the stream ends is no error, though py4j logs one."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], StoppingError))


logging.getLogger("py4j.clientserver").addFilter(_Quiet())


@contextmanager
def stopped_by_signals(stopping: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT ask the queries to end, for as long as the block runs; only a main thread can listen."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _: object) -> None:
        log.warning(
            "%s: the running micro-batches are finished, then the streams end", signal.Signals(number).name
        )
        stopping.set()

    before = {s: signal.signal(s, stop) for s in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
