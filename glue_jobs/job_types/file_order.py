"""The order of the rows of one batch: that in which their files were delivered.

A source without a change column has no other order. Bronze keeps it in `_ingest_ts`: the time at which the
batch was planned, and one microsecond more for each file before the row's own, by folder date and then by
name. A table whose sequence follows from `_ingest_ts` so ends in the newer of two deliveries, though one
batch reads both, as the first one does and the one after a reset.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract.validate import POSITION
from glue_jobs.run_context import Batch
from glue_jobs.session import broadcast_bytes

_FILE, _ORDER = "_file", "_file_order"
_ENTRY_BYTES = 64
# What follows the key of a file in a position: `:line` or `@byte`.
_PLACE = "[:@][0-9]+$"


def ordered_by_file(rows: DataFrame, batch: Batch) -> tuple[DataFrame, Column]:
    """(`rows`, the time of ingestion of each); it is read from the position of the source."""
    planned = F.lit(batch.planned_at).cast("timestamp")
    files: list[str] = batch.until.get("files", []) if isinstance(batch.until, dict) else []
    if len(files) < 2 or POSITION not in rows.columns:
        return rows, planned
    orders = rows.sparkSession.createDataFrame(
        [(key, number) for number, key in enumerate(files)], f"{_FILE} string, {_ORDER} bigint"
    )
    if _bytes_of(files) <= broadcast_bytes(rows.sparkSession):
        # Spark does not know the size of rows that come from Python, and would shuffle those of the files.
        orders = F.broadcast(orders)
    keyed = rows.withColumn(_FILE, F.regexp_replace(POSITION, _PLACE, ""))
    ordered = keyed.join(orders, _FILE, "left")
    return ordered, F.timestamp_micros(F.unix_micros(planned) + F.coalesce(_ORDER, F.lit(0)))


def _bytes_of(files: Sequence[str]) -> int:
    """What the list takes of the memory of each task: names, and the entries of a hash map."""
    return sum(len(key.encode()) + _ENTRY_BYTES for key in files)
