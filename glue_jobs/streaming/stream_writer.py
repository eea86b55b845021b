"""What every writer of micro-batches does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from glue_jobs.contract import ValidatedRows
from glue_jobs.state.audit import Counts
from glue_jobs.streaming.query_plan import QueryPlan
from glue_jobs.tables.target import Target

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# Writes the rejected rows of a micro-batch to quarantine.
Reject = Callable[[ValidatedRows], None]


class StreamWriter(Protocol):
    """Writes micro-batches into one table, each exactly once however often it is tried."""

    def write(
        self, target: Target, plan: QueryPlan, rows: DataFrame, reject: Reject, *, again: bool
    ) -> Counts:
        """Writes the valid rows of a micro-batch in the transaction of `target`, and rejects the others.

        `again`: an earlier application may have written the batch already.
        """
