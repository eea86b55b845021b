"""Watches over the running queries: until all have read what there is, one fails, or somebody asks them to end."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from glue_jobs.streams.failures import failure
from glue_jobs.streams.query import Batches

log = logging.getLogger(__name__)

LOOK = 0.2  # seconds


def watch(queries: dict[str, tuple[Any, Batches]], stopping: threading.Event) -> None:
    """Returns when every query has ended. Raises the first error; the others end their micro-batch before."""
    failed: BaseException | None = None
    while any(query.isActive for query, _ in queries.values()):
        for table, (query, batches) in queries.items():
            if not query.isActive:
                failed = failed or failure(table, query, batches)
                if failed and not stopping.is_set():
                    stopping.set()
            elif stopping.is_set() and not query.status["isTriggerActive"]:
                query.stop()
        stopping.wait(LOOK) if not stopping.is_set() else threading.Event().wait(0.05)
    for table, (query, batches) in queries.items():
        failed = failed or failure(table, query, batches)
    if failed:
        raise failed


@contextmanager
def stopped_by_signals(stopping: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT ask the queries to end, for as long as the block runs; only a main thread can listen."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _: object) -> None:
        log.warning("%s: the running micro-batches are finished, then the streams end", signal.Signals(number).name)
        stopping.set()

    before = {s: signal.signal(s, stop) for s in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
