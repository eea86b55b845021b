"""Merges micro-batches into a Delta table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from glue_jobs.contract import FlaggedRows
from glue_jobs.state.audit import Counts
from glue_jobs.streaming.fast_json import flagged_rows
from glue_jobs.streaming.messages import OFFSET_COLUMNS, is_passed_over
from glue_jobs.streaming.query_plan import QueryPlan
from glue_jobs.streaming.stream_writer import Reject
from glue_jobs.tables import merge as merging
from glue_jobs.tables.target import Target
from lakehouse.contracts import Contract


class MergeWriter:
    """Keeps the newest row per key.

    With `in_order`, of rows that are equally new the one that came last wins: so it is with changes of a
    database and with the results of a query.
    """

    def __init__(self, contract: Contract, *, in_order: bool) -> None:
        self._contract, self._in_order = contract, in_order

    def write(
        self, target: Target, plan: QueryPlan, rows: DataFrame, reject: Reject, *, again: bool
    ) -> Counts:
        # MERGE reads its rows twice and the quarantine reads them once: from memory, so that the topic is
        # read once.
        ranked = flagged_rows(self._ranked(flagged_rows(rows)).persist())
        try:
            counts = self._merge(target, plan, ranked, done=again and target.committed)
            if counts.quarantined:
                reject(plan.with_reasons(ranked.rows))
        finally:
            ranked.rows.unpersist()
        return counts

    def _merge(self, target: Target, plan: QueryPlan, ranked: FlaggedRows, *, done: bool) -> Counts:
        newest = ~(ranked.is_invalid | is_passed_over(ranked.rows)) & (F.col("_rank") == 1)
        key = F.when(newest, F.col(self._contract.primary_key[0]))
        metrics = ranked.rows.agg(
            F.count(F.lit(1)).alias("rows_in"),
            F.count_if(ranked.is_invalid).alias("quarantined"),
            F.min(key).alias("low"),
            F.max(key).alias("high"),
        ).collect()[0]
        valid = metrics.rows_in - metrics.quarantined
        if metrics.low is None:
            return Counts(metrics.rows_in, 0, metrics.quarantined, valid)
        if not done:
            rows = plan.mask(ranked.rows.where(newest).select(*self._contract.column_names))
            bounds = {"low": metrics.low, "high": metrics.high}
            with _adaptive(target):
                merging.merge(target, rows, bounds, later_wins=self._in_order)
        written = target.commit().rows("numTargetRowsInserted", "numTargetRowsUpdated")
        return Counts(metrics.rows_in, written, metrics.quarantined, valid - written)

    def _ranked(self, flagged: FlaggedRows) -> DataFrame:
        rows, contract = flagged.rows, self._contract
        last = flagged.is_invalid | is_passed_over(rows)
        if not self._in_order:
            return merging.rank_by_recency(rows, contract, last)
        sequence = [F.col(s).desc() for s in (contract.lake.sequence,) if s]
        arrival = [F.col(c).desc() for c in reversed(OFFSET_COLUMNS) if c in rows.columns]
        content = merging.greatest_first(contract.column_names)
        newest_first = Window.partitionBy(*contract.primary_key).orderBy(
            last.asc(), *sequence, *arrival, *content
        )
        return rows.withColumn("_rank", F.row_number().over(newest_first))


@contextmanager
def _adaptive(target: Target) -> Iterator[None]:
    """Switches adaptive execution on, which Spark switches off for a stream.

    Without it a MERGE of few rows writes a file for each of its many tasks.
    """
    key = "spark.sql.adaptive.enabled"
    target.spark.conf.set(key, "true")
    try:
        yield
    finally:
        target.spark.conf.set(key, "false")
