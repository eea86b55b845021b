"""Appends rows to a Delta table that has no contract, such as the results of the quality gate."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import DataFrame

from glue_jobs.tables import delta_log
from glue_jobs.tables.delta_log import Txn
from glue_jobs.tables.guarded_write import guarded


def append_results(rows: DataFrame, uri: str, txn: Txn, guard: Callable[[], None]) -> bool:
    """Appends `rows` to the table at `uri` in transaction `txn` and creates the table where it is missing.

    Returns False, and writes nothing, when the table already holds this transaction or a later one of
    `txn.app`. `guard` is asked until the commit; it raises when the caller no longer holds the lease of
    the table.
    """
    if delta_log.committed(rows.sparkSession, uri, txn):
        return False
    # A release may add a column.
    writer = rows.write.format("delta").mode("append").option("mergeSchema", "true")
    with guarded(rows.sparkSession, guard):
        writer.options(**txn.options()).save(uri)
    return True
