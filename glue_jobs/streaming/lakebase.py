"""Micro-batches into the Lakebase."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract import FlaggedRows, ValidatedRows
from glue_jobs.contract.validate import INVALID
from glue_jobs.state.audit import Counts
from glue_jobs.streaming.fast_json import DOUBT, all_found, checked_by
from glue_jobs.streaming.query_builder import Plan
from glue_jobs.tables.row_counts import ObservedRows, observe
from glue_jobs.tables.target import Target
from glue_jobs.warehouses.postgres import LakebaseWriter
from lakehouse.contracts import Contract

if TYPE_CHECKING:
    from glue_jobs.run_context import RunContext


class Lakebase:
    """Upsert by key, newest by sequence; the Lakebase notes the batch in the same transaction."""

    def __init__(self, run: RunContext, contract: Contract) -> None:
        self._sink = LakebaseWriter(run.secret_of("postgres"))
        self._contract = contract

    def write(
        self,
        target: Target,
        plan: Plan,
        rows: DataFrame,
        reject: Callable[[ValidatedRows], None],
        *,
        again: bool,
    ) -> Counts:
        portions = _Portions(plan, rows, [name for name, _ in self._contract.stored])
        try:
            target.guard()
            written = self._sink.upsert(
                self._contract, portions.anew, stream=target.txn.app, batch=target.txn.version
            )
            if not portions.read:
                # A batch that was recorded is not sent, and rows that nobody reads count nothing.
                for portion in portions.anew():
                    portion.write.format("noop").mode("overwrite").save()
            rows_in, quarantined = portions.seen(self._contract)
            sound = rows_in - quarantined
            written = sound if written is None else written
            if quarantined:
                reject(plan.explained(rows if portions.marked is None else portions.marked))
            return Counts(rows_in, written, quarantined, sound - written)
        finally:
            if portions.marked is not None:
                portions.marked.unpersist()


@dataclass
class _Portions:
    """The sound rows of a micro-batch, which count themselves as they are read: first those that are plainly so, then those of the marked messages."""

    plan: Plan
    rows: DataFrame
    columns: list[str]
    passes: list[ObservedRows] = field(default_factory=list)
    marked: DataFrame | None = None
    read: bool = False

    def anew(self) -> Iterator[DataFrame]:
        """From the beginning, for each attempt: the counts of one that broke off would be too few. Each is read before the next is asked for."""
        self.passes, self.read = [], False
        yield self._counted(checked_by(self.rows, DOUBT if self.plan.again else INVALID))
        if self.plan.again and self.passes[0].metrics()["quarantined"]:
            # Marked messages are few: they stay in memory for the table and for the error lane.
            if self.marked is None:
                self.marked = self.plan.again(self.rows).persist()
            yield self._counted(checked_by(self.marked))
        self.read = True

    def seen(self, contract: Contract) -> tuple[int, int]:
        """(rows that came, quarantined ones)"""
        first, *rest = [p.metrics() for p in self.passes]
        for of_marked in rest:
            all_found(contract, first["quarantined"], of_marked["rows_in"])
        return first["rows_in"], (rest[0] if rest else first)["quarantined"]

    def _counted(self, checked: FlaggedRows) -> DataFrame:
        self.passes.append(observe(checked, F.lit(False)))
        return self.passes[-1].accepted.select(*self.columns)
