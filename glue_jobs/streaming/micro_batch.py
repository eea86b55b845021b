"""Writes the micro-batches of one query of a streaming job."""

from __future__ import annotations

import contextvars
import threading
import uuid
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING

from glue_jobs.contract import ValidatedRows
from glue_jobs.errors import RunError
from glue_jobs.observability import logs
from glue_jobs.state.audit import Counts
from glue_jobs.state.lease import lease
from glue_jobs.streaming import gaps
from glue_jobs.streaming.checkpoint import Checkpoint, Identity, OffsetSpan
from glue_jobs.streaming.quarantine import StreamQuarantine
from glue_jobs.streaming.query_plan import QueryPlan
from glue_jobs.streaming.stream_writer import StreamWriter
from glue_jobs.tables.delta_log import Txn
from glue_jobs.tables.target import Target
from lakehouse.contracts import Contract

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from glue_jobs.run_context import RunContext

# Micro-batches of one application that are read again to find their gaps: a transactional producer leaves a
# gap in every batch.
MAX_GAP_SCANS = 3


class StoppingError(Exception):
    """The application was asked to end, so no further micro-batch begins."""


@dataclass(frozen=True)
class QuerySpec:
    """One query of a running job.

    `one_row_per_message`: its rows are the topic's messages, and not what SQL makes of them; then gaps can be
    found.
    """

    run: RunContext
    contract: Contract
    plan: QueryPlan
    identity: Identity
    checkpoint: Checkpoint
    writer: StreamWriter
    one_row_per_message: bool


class MicroBatchWriter:
    """Spark calls it with each micro-batch.

    It keeps the error of a batch: Spark reports only the JVM's account of it.
    """

    def __init__(self, spec: QuerySpec, stopping: threading.Event) -> None:
        self.spec, self.stopping = spec, stopping
        self.quarantine = StreamQuarantine(spec.run, spec.contract, spec.checkpoint)
        self.total = spec.run.counts.get(spec.contract.table, Counts())
        self.error: BaseException | None = None
        self.missing = 0
        self._span: OffsetSpan | None = None
        self._gap_scans = MAX_GAP_SCANS
        self._began = False
        # Spark calls from a thread of its own, which has none of the run's log fields.
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
        batch_id = str(uuid.uuid5(uuid.UUID(self.spec.identity.stream), str(number)))
        with logs.bound(batch_id=batch_id):
            self._write_batch(rows, number, batch_id)

    def _write_batch(self, rows: DataFrame, number: int, batch_id: str) -> None:
        spec, run, contract = self.spec, self.spec.run, self.spec.contract
        span = self._span = spec.checkpoint.span(number, self._span) if spec.one_row_per_message else None
        if spec.plan.parse and span:
            rows = spec.plan.parse(rows, span.began)
        with lease(run.env, contract.table, run.run_id) as guard:
            txn = Txn(spec.identity.stream, number, batch_id)
            target = Target(rows.sparkSession, run.uri(contract.table), contract, txn, guard.check)
            reject = partial(self._reject, number, batch_id)
            counts = spec.writer.write(target, spec.plan, rows, reject, again=not self._began)
        self._began = True
        if span:
            self._report_gaps(rows, span, batch_id, counts.rows_in)
        self._count(counts, number, batch_id)

    def _reject(self, number: int, batch_id: str, rejects: ValidatedRows) -> None:
        uri = self.quarantine.write(rejects, number, batch_id)
        extra = {"table": self.spec.contract.table, "batch": number, "lane": uri}
        self.spec.run.log.warning("rows quarantined", extra=extra)

    def _report_gaps(self, rows: DataFrame, span: OffsetSpan, batch_id: str, rows_in: int) -> None:
        missing = gaps.expected_messages(span.begin, span.until) - rows_in
        if missing <= 0:
            return
        topic = self.spec.identity.topic
        if self._gap_scans:
            missing_offsets = gaps.find(rows, topic, span.begin, span.until)
        else:
            missing_offsets = gaps.summarize(topic, missing, span.begin, span.until)
        self._gap_scans = max(0, self._gap_scans - 1)
        self.missing += missing
        self.quarantine.write_gaps(missing_offsets, span.batch, batch_id)
        reasons = [reason for _, reason in missing_offsets]
        extra = {"table": self.spec.contract.table, "missing": missing, "gaps": reasons}
        self.spec.run.log.warning("offsets are missing: %s", reasons[0], extra=extra)

    def _count(self, counts: Counts, number: int, batch_id: str) -> None:
        run, table = self.spec.run, self.spec.contract.table
        if not counts.balanced:
            raise RunError(f"{table}: rows went missing in micro-batch {number}: {counts}", code="RUN202")
        self.total = self.total + counts
        run.counts[table] = self.total
        run.batch_ids[table] = batch_id
        extra = {"table": table, "batch": number, **asdict(counts)}
        run.log.info("micro-batch %d of %s done", number, table, extra=extra)
