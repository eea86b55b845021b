"""The four metadata columns that every ingested row carries."""

from __future__ import annotations

from datetime import date, datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def add_metadata_columns(
    rows: DataFrame, *, ingest_ts: datetime | Column, batch_id: str, system: str, run_date: date
) -> DataFrame:
    """Adds `_ingest_ts`, `_batch_id`, `_source_system` and `_run_date`.

    `ingest_ts` follows from the time at which the batch was planned: a batch that is written twice has
    the same rows.
    """
    added: dict[str, Column] = {
        "_ingest_ts": _timestamp(ingest_ts),
        "_batch_id": F.lit(batch_id),
        "_source_system": F.lit(system),
        "_run_date": F.lit(run_date),
    }
    return rows.select("*", *[value.alias(name) for name, value in added.items()])


def _timestamp(value: datetime | Column) -> Column:
    return (value if isinstance(value, Column) else F.lit(value)).cast("timestamp")
