"""The plan of a streaming query: its rows, and how the rows of a micro-batch are read again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from glue_jobs.contract import ValidatedRows
from glue_jobs.contract.forgotten import FORGOTTEN
from glue_jobs.streaming.fast_json import NEEDS_REPARSE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class QueryPlan:
    """`rows` are the query's rows with their flag.

    `with_reasons` gives the invalid rows of a micro-batch with reasons.

    With `parse` and `reparse`, the query gives messages as they come: Spark copies what a query gives before
    a batch is written, and messages are less to copy than rows. `parse` makes rows of a micro-batch's
    messages, by the time at which it began, with NEEDS_REPARSE in place of the flag; `reparse` gives the rows
    of the marked messages. `mask` masks the valid rows before they reach the table. `running_totals`: the
    rows are results of an aggregation, each newer than the one before.
    """

    rows: DataFrame
    with_reasons: Callable[[DataFrame], ValidatedRows]
    parse: Callable[[DataFrame, datetime], DataFrame] | None = None
    reparse: Callable[[DataFrame], DataFrame] | None = None
    mask: Callable[[DataFrame], DataFrame] = lambda rows: rows
    running_totals: bool = False

    def without_forgotten(self, flag: Callable[[DataFrame], DataFrame] | None) -> QueryPlan:
        """The plan whose rows say which of them are of forgotten persons; these are no invalid rows."""
        if flag is None:
            return self
        parse, reparse, with_reasons = self.parse, self.reparse, self.with_reasons
        return replace(
            self,
            rows=flag(self.rows) if parse is None else self.rows,
            with_reasons=lambda batch: with_reasons(batch.where(~F.col(FORGOTTEN)).drop(FORGOTTEN)),
            parse=None if parse is None else lambda rows, began: _trusted(flag(parse(rows, began))),
            reparse=None if reparse is None else lambda batch: flag(reparse(batch)),
        )


def _trusted(rows: DataFrame) -> DataFrame:
    """A message of a forgotten person is not read again: nothing of it is taken."""
    mark = F.when(~F.col(FORGOTTEN), F.col(NEEDS_REPARSE)).alias(NEEDS_REPARSE)
    return rows.withColumn(NEEDS_REPARSE, mark)
