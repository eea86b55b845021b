"""The numbers of running queries, taken from what Spark says of their last micro-batch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from glue_jobs.observability.metrics import Metrics

if TYPE_CHECKING:
    from glue_jobs.run_context import RunContext

# Seconds between two sendings to CloudWatch, and between two looks at one query.
EVERY, LOOK = 60.0, 1.0


class Measure:
    """Lag (messages behind the topic's end), seconds of a batch, rows and bytes of state, by table."""

    def __init__(self, run: RunContext) -> None:
        self._metrics = Metrics(run.env, run.job.name)
        self._looked: dict[str, float] = {}
        self._told: dict[str, str] = {}
        self._sent = time.monotonic()

    def look(self, table: str, query: Any, *, now: bool = False) -> None:
        """Take the newest numbers of one query, unless that was done a moment ago.

        Spark has new ones after each micro-batch, and every ten seconds where nothing comes. A query that stands says nothing, and that is alarmed on.
        """
        if not now and time.monotonic() - self._looked.get(table, 0.0) < LOOK:
            return
        self._looked[table] = time.monotonic()
        progress = query.lastProgress
        if not progress or progress["timestamp"] == self._told.get(table):
            return
        self._told[table] = progress["timestamp"]
        sources, states = progress.get("sources") or [], progress.get("stateOperators") or []
        behind = [int((s.get("metrics") or {}).get("maxOffsetsBehindLatest", 0)) for s in sources]
        self._metrics.emit_stream(
            table,
            lag=max(behind, default=0),
            batch_seconds=(progress.get("durationMs") or {}).get("triggerExecution", 0) / 1000,
            state_rows=sum(s["numRowsTotal"] for s in states),
            state_bytes=sum(s["memoryUsedBytes"] for s in states),
        )

    def missing(self, table: str, offsets: int) -> None:
        self._metrics.emit_missing(table, offsets)

    def send(self, *, now: bool = False) -> None:
        if now or time.monotonic() - self._sent >= EVERY:
            self._metrics.flush()
            self._sent = time.monotonic()
