"""Writes micro-batches into the Lakebase."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame

from glue_jobs.contract import FlaggedRows
from glue_jobs.state.audit import Counts
from glue_jobs.streaming.fast_json import assert_all_reparsed, flagged_rows
from glue_jobs.streaming.messages import is_passed_over
from glue_jobs.streaming.query_plan import QueryPlan
from glue_jobs.streaming.stream_writer import Reject
from glue_jobs.tables.row_counts import ObservedRows, observe, read_through
from glue_jobs.tables.target import Target
from glue_jobs.warehouses.postgres import LakebaseWriter
from lakehouse.contracts import Contract

if TYPE_CHECKING:
    from glue_jobs.run_context import RunContext


class LakebaseStreamWriter:
    """Upserts by key, newest by sequence. The Lakebase records the batch in the same transaction."""

    def __init__(self, run: RunContext, contract: Contract) -> None:
        self._lakebase = LakebaseWriter(run.secret_of("postgres"))
        self._contract = contract

    def write(
        self, target: Target, plan: QueryPlan, rows: DataFrame, reject: Reject, *, again: bool
    ) -> Counts:
        portions = _Portions(plan, rows, [name for name, _ in self._contract.stored])
        try:
            target.guard()
            written = self._lakebase.upsert(
                self._contract, portions.restart, stream=target.txn.app, batch=target.txn.version
            )
            if not portions.complete:
                # A batch that was recorded already is not sent, and rows that are not read count nothing.
                for portion in portions.restart():
                    read_through(portion)
            rows_in, quarantined = portions.counts(self._contract)
            valid = rows_in - quarantined
            written = valid if written is None else written
            if quarantined:
                reject(plan.with_reasons(rows if portions.marked is None else portions.marked))
            return Counts(rows_in, written, quarantined, valid - written)
        finally:
            if portions.marked is not None:
                portions.marked.unpersist()


@dataclass
class _Portions:
    """The valid rows of a micro-batch: first those that plainly are, then those of the marked messages.

    They count themselves as they are read.
    """

    plan: QueryPlan
    rows: DataFrame
    columns: list[str]
    observed: list[ObservedRows] = field(default_factory=list)
    marked: DataFrame | None = None
    complete: bool = False

    def restart(self) -> Iterator[DataFrame]:
        """The portions from the beginning, for each attempt: the counts of a broken attempt would be too low.

        Read each portion before the next is asked for.
        """
        self.observed, self.complete = [], False
        yield self._observe(flagged_rows(self.rows))
        if self.plan.reparse and self.observed[0].metrics()["quarantined"]:
            # Marked messages are few: they stay in memory for the table and for the quarantine.
            if self.marked is None:
                self.marked = self.plan.reparse(self.rows).persist()
            yield self._observe(flagged_rows(self.marked))
        self.complete = True

    def counts(self, contract: Contract) -> tuple[int, int]:
        """(rows that came, quarantined rows)"""
        first, *rest = [observed.metrics() for observed in self.observed]
        for of_marked in rest:
            assert_all_reparsed(contract, first["quarantined"], of_marked["rows_in"])
        return first["rows_in"], (rest[0] if rest else first)["quarantined"]

    def _observe(self, flagged: FlaggedRows) -> DataFrame:
        self.observed.append(observe(flagged, is_passed_over(flagged.rows)))
        return self.plan.mask(self.observed[-1].accepted.select(*self.columns))
