"""One query of a streaming job: what happens to each of its micro-batches."""

from __future__ import annotations

import contextvars
import threading
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glue_jobs.contract import Checked
from glue_jobs.errors import RunError
from glue_jobs.state.audit import Counts
from glue_jobs.state.lease import lease
from glue_jobs.streams.checkpoint import Checkpoint, Identity
from glue_jobs.streams.lane import Lane
from glue_jobs.streams.sinks import Sink
from glue_jobs.tables.log import Txn
from glue_jobs.tables.target import Target
from schemas import Contract

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from glue_jobs.run_context import RunContext


class StoppingError(Exception):
    """No batch begins any more: the application was asked to end."""


class Batches:
    """Called by Spark with each micro-batch. What goes wrong is kept as it was, and not as the JVM's account of it."""

    def __init__(
        self, run: RunContext, contract: Contract, checked: Checked, identity: Identity, checkpoint: Checkpoint, sink: Sink, stopping: threading.Event
    ) -> None:
        self.run, self.contract, self.checked, self.identity = run, contract, checked, identity
        self.checkpoint, self.sink, self.stopping = checkpoint, sink, stopping
        self.lane = Lane(run, contract, checkpoint)
        self.total = Counts()
        self.error: BaseException | None = None
        self._began = False
        # Spark calls from a thread of its own, which knows nothing of the run's log fields.
        self._context = contextvars.copy_context()

    def __call__(self, batch: DataFrame, number: int) -> None:
        if self.stopping.is_set():
            raise StoppingError
        try:
            self._context.run(self._write, batch, number)
        except BaseException as error:
            self.error = error
            raise

    def _write(self, rows: DataFrame, number: int) -> None:
        batch_id = str(uuid.uuid5(uuid.UUID(self.identity.stream), str(number)))
        checked = replace(self.checked, rows=rows)
        with lease(self.run.env, self.contract.table, self.run.run_id) as held:
            target = Target(rows.sparkSession, self.run.uri(self.contract.table), self.contract, Txn(self.identity.stream, number, batch_id), held.check)
            counts = self.sink.write(target, checked, again=not self._began)
        self._began = True
        if counts.quarantined:
            where = self.lane.write(checked, number, batch_id)
            self.run.log.warning("messages quarantined", extra={"table": self.contract.table, "quarantined": counts.quarantined, "lane": where})
        self._settle(counts, number, batch_id)

    def _settle(self, counts: Counts, number: int, batch_id: str) -> None:
        table = self.contract.table
        if not counts.balanced:
            books = f"{counts.rows_in} in, {counts.written} written, {counts.quarantined} quarantined, {counts.deduplicated} deduplicated"
            raise RunError(f"{table}: rows went missing in micro-batch {number}: {books}", code="RUN202")
        self.total = added(self.total, counts)
        self.run.counts[table] = self.total
        self.run.batch_ids[table] = batch_id
        extra: dict[str, Any] = {"table": table, "batch": number, "batch_id": batch_id, **counts.__dict__}
        self.run.log.info("micro-batch %d of %s done", number, table, extra=extra)


def added(one: Counts, other: Counts) -> Counts:
    return Counts(*(getattr(one, n) + getattr(other, n) for n in ("rows_in", "written", "quarantined", "deduplicated")))
