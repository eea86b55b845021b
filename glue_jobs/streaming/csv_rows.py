"""Parses CSV messages: one record each, in the order of the contract's columns."""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.sources import text
from glue_jobs.sources.columns import POSITION, ColumnMapping
from glue_jobs.streaming.message_metadata import kafka_columns
from glue_jobs.streaming.messages import OFFSET_COLUMNS, REJECT, raw_text, reject_reason, text_of
from lakehouse.contracts import Contract


def rows_of_csv(messages: DataFrame, contract: Contract, max_bytes: int) -> DataFrame:
    """The contract's columns as text, with `_reject`, `_corrupt`, `_partition` and `_offset`."""
    value, metadata = F.col("value"), kafka_columns(contract)
    beside = {**metadata, **{name: name.removeprefix("_") for name in OFFSET_COLUMNS}}
    readable = text_of(value, max_bytes)
    lines = messages.select(
        F.regexp_replace(F.coalesce(readable, raw_text(value, max_bytes)), "[\r\n]+$", "").alias("line"),
        readable.isNotNull().alias("utf8"),
        F.lit("").alias("position"),
        reject_reason(value, max_bytes).alias(REJECT),
        *[F.col(part).cast("string").alias(name) for name, part in beside.items()],
    )
    fields = {c.name: c.source_name for c in contract.columns if c.name not in metadata}
    # The parser keeps only columns of the contract, so what is carried along becomes columns of it.
    carried = [
        replace(contract.columns[0], name=name, type="string", nullable=True)
        for name in (REJECT, *OFFSET_COLUMNS)
    ]
    wide = replace(contract, columns=(*contract.columns, *carried))
    return text.parse_csv(
        lines, wide, list(fields.values()), ColumnMapping(fields, (), ()), passthrough=(REJECT, *beside)
    ).drop(POSITION)
