"""One query of a streaming job: what happens to each of its micro-batches."""

from __future__ import annotations

import contextvars
import threading
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from glue_jobs.contract import ValidatedRows
from glue_jobs.errors import RunError
from glue_jobs.state.audit import Counts
from glue_jobs.state.lease import lease
from glue_jobs.streaming import gaps
from glue_jobs.streaming.checkpoint import Checkpoint, Identity, Span
from glue_jobs.streaming.quarantine import Lane
from glue_jobs.streaming.query_builder import Plan
from glue_jobs.streaming.writers import Sink
from glue_jobs.tables.delta_log import Txn
from glue_jobs.tables.target import Target
from lakehouse.contracts import Contract

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from glue_jobs.run_context import RunContext


# Batches of one application that are read again to find their gaps. A transactional producer leaves one in every batch.
LOOKS = 3


class StoppingError(Exception):
    """No batch begins any more: the application was asked to end."""


class Batches:
    """Called by Spark with each micro-batch. What goes wrong is kept as it was, and not as the JVM's account of it."""

    def __init__(
        self, run: RunContext, contract: Contract, plan: Plan, identity: Identity, checkpoint: Checkpoint, sink: Sink, stopping: threading.Event,
        *, fed: bool,
    ) -> None:  # fmt: skip
        """`fed`: its rows are the topic's messages, one each, and not what a query makes of them."""
        self.run, self.contract, self.plan, self.identity = run, contract, plan, identity
        self.checkpoint, self.sink, self.stopping, self.fed = checkpoint, sink, stopping, fed
        self.lane = Lane(run, contract, checkpoint)
        self.total = Counts()
        self.error: BaseException | None = None
        self.missing = 0
        self._span: Span | None = None
        self._looks = LOOKS
        self._began = False
        # Spark calls from a thread of its own, which knows nothing of the run's log fields.
        self._context = contextvars.copy_context()

    def __call__(self, batch: DataFrame, number: int) -> None:
        try:
            if self.stopping.is_set():
                raise StoppingError
            self._context.run(self._write, batch, number)
        except BaseException as error:
            self.error = error
            raise

    def _write(self, rows: DataFrame, number: int) -> None:
        batch_id = str(uuid.uuid5(uuid.UUID(self.identity.stream), str(number)))
        span = self._span = self.checkpoint.span(number, self._span) if self.fed else None
        if self.plan.typed and span:
            rows = self.plan.typed(rows, span.began)
        with lease(self.run.env, self.contract.table, self.run.run_id) as held:
            txn = Txn(self.identity.stream, number, batch_id)
            target = Target(
                rows.sparkSession, self.run.uri(self.contract.table), self.contract, txn, held.check
            )
            counts = self.sink.write(
                target, self.plan, rows, partial(self._reject, number, batch_id), again=not self._began
            )
        self._began = True
        if span:
            self._gaps(rows, span, batch_id, counts.rows_in)
        self._settle(counts, number, batch_id)

    def _reject(self, number: int, batch_id: str, rejects: ValidatedRows) -> None:
        where = self.lane.write(rejects, number, batch_id)
        self.run.log.warning(
            "rows quarantined", extra={"table": self.contract.table, "batch": number, "lane": where}
        )

    def _gaps(self, rows: DataFrame, span: Span, batch_id: str, came: int) -> None:
        begin, until = span.begin, span.until
        missing = gaps.expected(begin, until) - came
        if missing <= 0:
            return
        found = (
            gaps.find(rows, self.identity.topic, begin, until)
            if self._looks
            else gaps.roughly(self.identity.topic, missing, begin, until)
        )
        self._looks = max(0, self._looks - 1)
        self.missing += missing
        self.lane.write_gaps(found, span.batch, batch_id)
        reasons = [reason for _, reason in found]
        self.run.log.warning(
            "offsets are missing: %s",
            reasons[0],
            extra={"table": self.contract.table, "missing": missing, "gaps": reasons},
        )

    def _settle(self, counts: Counts, number: int, batch_id: str) -> None:
        table = self.contract.table
        if not counts.balanced:
            raise RunError(f"{table}: rows went missing in micro-batch {number}: {counts}", code="RUN202")
        self.total = self.total + counts
        self.run.counts[table] = self.total
        self.run.batch_ids[table] = batch_id
        extra: dict[str, Any] = {"table": table, "batch": number, "batch_id": batch_id, **counts.__dict__}
        self.run.log.info("micro-batch %d of %s done", number, table, extra=extra)
