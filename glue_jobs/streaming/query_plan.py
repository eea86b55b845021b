"""The plan of a streaming query: its rows, and how the rows of a micro-batch are read again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from glue_jobs.contract import ValidatedRows

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
