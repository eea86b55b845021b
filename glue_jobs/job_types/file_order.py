"""The order of the rows of one batch: that in which their files were delivered.

A source without a change column has no other order. Bronze keeps it in `_ingest_ts`: the time at which the
batch was planned, and one microsecond more for each file before the row's own, by folder date and then by
name. A table whose sequence follows from `_ingest_ts` so ends in the newer of two deliveries, though one
batch reads both, as the first one does and the one after a reset.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract.validate import POSITION
from glue_jobs.run_context import Batch

_FILE, _ORDER = "_file", "_file_order"
# What follows the key of a file in a position: `:line` or `@byte`.
_PLACE = "[:@][0-9]+$"


def ordered_by_file(rows: DataFrame, batch: Batch) -> tuple[DataFrame, Column]:
    """(`rows`, the time of ingestion of each); it is read from the position of the source."""
    planned = F.lit(batch.planned_at).cast("timestamp")
    files: list[str] = batch.until.get("files", []) if isinstance(batch.until, dict) else []
    if len(files) < 2 or POSITION not in rows.columns:
        return rows, planned
    # A year of hourly files is a map of 1 MB.
    orders = rows.sparkSession.createDataFrame(
        [(key, number) for number, key in enumerate(files)], f"{_FILE} string, {_ORDER} bigint"
    )
    keyed = rows.withColumn(_FILE, F.regexp_replace(POSITION, _PLACE, ""))
    ordered = keyed.join(F.broadcast(orders), _FILE, "left")
    return ordered, F.timestamp_micros(F.unix_micros(planned) + F.coalesce(_ORDER, F.lit(0)))
