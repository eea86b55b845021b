"""How one micro-batch gets into its table, once however often it is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from glue_jobs.contract import FlaggedRows, ValidatedRows
from glue_jobs.contract.validate import INVALID
from glue_jobs.errors import RunError
from glue_jobs.state.audit import Counts
from glue_jobs.streaming.fast_json import DOUBT, all_found, checked_by
from glue_jobs.streaming.message_metadata import is_cdc
from glue_jobs.streaming.messages import CARRIED
from glue_jobs.streaming.query_builder import Plan
from glue_jobs.tables import merge as merging
from glue_jobs.tables.row_counts import observe
from glue_jobs.tables.target import Target, append
from lakehouse.contracts import Contract

if TYPE_CHECKING:
    from glue_jobs.run_context import RunContext


# Takes the rejected rows of a batch to the error lane.
Reject = Callable[[ValidatedRows], None]


class Sink(Protocol):
    def write(self, target: Target, plan: Plan, rows: DataFrame, reject: Reject, *, again: bool) -> Counts:
        """Write the sound rows of a micro-batch in the transaction of `target`; `again`: an earlier application may have written them already."""


class Append:
    """Every sound row, with the columns that say how it came here."""

    def __init__(self, run: RunContext, contract: Contract) -> None:
        self._run, self._contract = run, contract

    def write(self, target: Target, plan: Plan, rows: DataFrame, reject: Reject, *, again: bool) -> Counts:
        first = self._append(target, checked_by(rows, DOUBT if plan.again else INVALID), again=again)
        if not first.quarantined:
            return first
        if plan.again is None:
            reject(plan.explained(rows))
            return first
        # Marked messages are few: they stay in memory for the table and for the error lane.
        doubtful = plan.again(rows).persist()
        try:
            own = replace(
                target,
                txn=replace(
                    target.txn, app=f"{target.txn.app}.doubtful", batch_id=f"{target.txn.batch_id}.doubtful"
                ),
            )
            rest = self._append(own, checked_by(doubtful), again=again, batch_id=target.txn.batch_id)
            if rest.quarantined:
                reject(plan.explained(doubtful))
        finally:
            doubtful.unpersist()
        all_found(self._contract, first.quarantined, rest.rows_in)
        return Counts(first.rows_in, first.written + rest.written, rest.quarantined, 0)

    def _append(self, target: Target, checked: FlaggedRows, *, again: bool, batch_id: str = "") -> Counts:
        pass_ = observe(checked, F.lit(False))
        kept = self._stored(pass_.accepted, batch_id or target.txn.batch_id)
        if again and target.committed:
            kept.write.format("noop").mode("overwrite").save()
        else:
            append(target, kept)
        seen = pass_.metrics()
        return Counts(seen["rows_in"], target.commit().rows("numOutputRows"), seen["quarantined"], 0)

    def _stored(self, rows: DataFrame, batch_id: str) -> DataFrame:
        source = self._contract.lake.source
        run_date = (
            F.lit(self._run.run_date)
            if self._run.env.streams.trigger == "available_now"
            else F.to_date("_ingest_ts")
        )
        given: dict[str, Any] = {
            "_batch_id": F.lit(batch_id),
            "_source_system": F.lit(source.system if source else None).cast("string"),
            "_run_date": run_date,
        }
        return rows.select(*[given[n].alias(n) if n in given else F.col(n) for n, _ in self._contract.stored])


class Merge:
    """Newest row per key. Of rows that are equally new, those of changes and of queries are taken in the order in which they came."""

    def __init__(self, contract: Contract, *, in_order: bool) -> None:
        self._contract, self._in_order = contract, in_order

    def write(self, target: Target, plan: Plan, rows: DataFrame, reject: Reject, *, again: bool) -> Counts:
        # MERGE reads its rows twice and the error lane once: from memory, so that the topic is read once.
        ranked = checked_by(self._ranked(checked_by(rows)).persist())
        try:
            counts = self._write(target, ranked, done=again and target.committed)
            if counts.quarantined:
                reject(plan.explained(ranked.rows))
        finally:
            ranked.rows.unpersist()
        return counts

    def _write(self, target: Target, ranked: FlaggedRows, *, done: bool) -> Counts:
        kept = ~ranked.is_invalid & (F.col("_rank") == 1)
        key = F.when(kept, F.col(self._contract.primary_key[0]))
        aggregates = [
            F.count(F.lit(1)).alias("rows_in"),
            F.count_if(ranked.is_invalid).alias("quarantined"),
            F.min(key).alias("low"),
            F.max(key).alias("high"),
        ]
        seen = ranked.rows.agg(*aggregates).collect()[0]
        if seen.low is None:
            return Counts(seen.rows_in, 0, seen.quarantined, seen.rows_in - seen.quarantined)
        if not done:
            rows = ranked.rows.where(kept).select(*self._contract.column_names)
            with _adaptive(target):
                merging.merge(target, rows, {"low": seen.low, "high": seen.high}, later_wins=self._in_order)
        written = target.commit().rows("numTargetRowsInserted", "numTargetRowsUpdated")
        return Counts(seen.rows_in, written, seen.quarantined, seen.rows_in - seen.quarantined - written)

    def _ranked(self, checked: FlaggedRows) -> DataFrame:
        if not self._in_order:
            return merging.rank_by_recency(checked.rows, self._contract, checked.is_invalid)
        sequence = [F.col(s).desc() for s in (self._contract.lake.sequence,) if s]
        came = [F.col(c).desc() for c in reversed(CARRIED) if c in checked.rows.columns]
        order = [
            checked.is_invalid.asc(),
            *sequence,
            *came,
            merging.content_hash(self._contract.column_names).desc(),
        ]
        return checked.rows.withColumn(
            "_rank", F.row_number().over(Window.partitionBy(*self._contract.primary_key).orderBy(*order))
        )


@contextmanager
def _adaptive(target: Target) -> Iterator[None]:
    """Spark turns this off for a stream; without it a MERGE of few rows writes a file for each of its many tasks."""
    key = "spark.sql.adaptive.enabled"
    target.spark.conf.set(key, "true")
    try:
        yield
    finally:
        target.spark.conf.set(key, "false")


def sink_for(run: RunContext, contract: Contract, *, in_order: bool) -> Sink:
    """By the contract's `store` and `write`. Raises RunError (RUN123) where a stream cannot write so."""
    if contract.lake.write not in ("append", "merge"):
        raise RunError(
            f"{contract.table}: its contract says write '{contract.lake.write}'; a stream can append or merge",
            code="RUN123",
        )
    if is_cdc(contract) and (
        contract.lake.write != "merge" or not contract.lake.delete_flag or not contract.lake.sequence
    ):
        what = "write 'merge', a sequence, such as a column from cdc:ts_ms, and a delete_flag"
        raise RunError(f"{contract.table}: changes of a database need a table with {what}", code="RUN123")
    if contract.lake.store == "postgres":
        from glue_jobs.streaming.lakebase import Lakebase

        return Lakebase(run, contract)
    return Append(run, contract) if contract.lake.write == "append" else Merge(contract, in_order=in_order)
