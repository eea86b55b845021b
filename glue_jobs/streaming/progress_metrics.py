"""Sends the numbers of running queries, which Spark reports after each micro-batch, to CloudWatch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from glue_jobs.observability.metrics import Metrics

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery

    from glue_jobs.run_context import RunContext

SEND_SECONDS, SAMPLE_SECONDS = 60.0, 1.0


class ProgressMetrics:
    """Lag (messages behind the topic's end), seconds of a batch, rows and bytes of state, by table."""

    def __init__(self, run: RunContext) -> None:
        self._metrics = Metrics(run.env, run.job.name)
        self._sampled: dict[str, float] = {}
        self._last_reported: dict[str, str] = {}
        self._sent = time.monotonic()

    def sample(self, table: str, query: StreamingQuery, *, now: bool = False) -> None:
        """Takes the newest numbers of a query, at most once per SAMPLE_SECONDS unless `now`.

        Spark has new numbers after each micro-batch, and every ten seconds without messages. A query that
        hangs reports none, and an alarm watches for that.
        """
        if not now and time.monotonic() - self._sampled.get(table, 0.0) < SAMPLE_SECONDS:
            return
        self._sampled[table] = time.monotonic()
        progress = query.lastProgress
        if not progress or progress["timestamp"] == self._last_reported.get(table):
            return
        self._last_reported[table] = progress["timestamp"]
        sources, states = progress.get("sources") or [], progress.get("stateOperators") or []
        behind = [int((s.get("metrics") or {}).get("maxOffsetsBehindLatest", 0)) for s in sources]
        self._metrics.emit_stream(
            table,
            lag=max(behind, default=0),
            batch_seconds=(progress.get("durationMs") or {}).get("triggerExecution", 0) / 1000,
            state_rows=sum(s["numRowsTotal"] for s in states),
            state_bytes=sum(s["memoryUsedBytes"] for s in states),
        )

    def add_missing(self, table: str, offsets: int) -> None:
        """Adds offsets of a topic that never came."""
        self._metrics.emit_missing(table, offsets)

    def send(self, *, now: bool = False) -> None:
        """Sends what was sampled, at most once per SEND_SECONDS unless `now`."""
        if now or time.monotonic() - self._sent >= SEND_SECONDS:
            self._metrics.flush()
            self._sent = time.monotonic()
