"""Appends micro-batches to a Delta table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract import FlaggedRows
from glue_jobs.contract.forgotten import is_forgotten
from glue_jobs.state.audit import Counts
from glue_jobs.streaming.fast_json import assert_all_reparsed, flagged_rows
from glue_jobs.streaming.query_plan import QueryPlan
from glue_jobs.streaming.stream_writer import Reject
from glue_jobs.tables.row_counts import observe, read_through
from glue_jobs.tables.target import Target, append
from lakehouse.contracts import Contract

if TYPE_CHECKING:
    from glue_jobs.run_context import RunContext

# The messages that are read again are written in a transaction of their own.
_REPARSED = ".doubtful"


class AppendWriter:
    """Appends every valid row, with the metadata columns."""

    def __init__(self, run: RunContext, contract: Contract) -> None:
        self._run, self._contract = run, contract

    def write(
        self, target: Target, plan: QueryPlan, rows: DataFrame, reject: Reject, *, again: bool
    ) -> Counts:
        batch_id = target.txn.batch_id
        first = self._append(target, plan, flagged_rows(rows), batch_id, again=again)
        if not first.quarantined:
            return first
        if plan.reparse is None:
            reject(plan.with_reasons(rows))
            return first
        # Marked messages are few: they stay in memory for the table and for the quarantine.
        marked = plan.reparse(rows).persist()
        try:
            txn = replace(target.txn, app=target.txn.app + _REPARSED, batch_id=batch_id + _REPARSED)
            rest = self._append(replace(target, txn=txn), plan, flagged_rows(marked), batch_id, again=again)
            if rest.quarantined:
                reject(plan.with_reasons(marked))
        finally:
            marked.unpersist()
        assert_all_reparsed(self._contract, first.quarantined, rest.rows_in)
        deduplicated = first.deduplicated + rest.deduplicated
        return Counts(first.rows_in, first.written + rest.written, rest.quarantined, deduplicated)

    def _append(
        self, target: Target, plan: QueryPlan, flagged: FlaggedRows, batch_id: str, *, again: bool
    ) -> Counts:
        observed = observe(flagged, is_forgotten(flagged.rows))
        stored = self._stored(plan.mask(observed.accepted), batch_id)
        if again and target.committed:
            read_through(stored)
        else:
            append(target, stored)
        metrics = observed.metrics()
        written = target.commit().rows("numOutputRows")
        return Counts(metrics["rows_in"], written, metrics["quarantined"], metrics["deduplicated"])

    def _stored(self, rows: DataFrame, batch_id: str) -> DataFrame:
        """The columns of the table: those of the contract, and the metadata columns."""
        source, drained = self._contract.lake.source, self._run.env.streams.trigger == "available_now"
        metadata: dict[str, Column] = {
            "_batch_id": F.lit(batch_id),
            "_source_system": F.lit(source.system if source else None).cast("string"),
            "_run_date": F.lit(self._run.run_date) if drained else F.to_date("_ingest_ts"),
        }
        return rows.select(
            *[metadata[n].alias(n) if n in metadata else F.col(n) for n, _ in self._contract.stored]
        )
