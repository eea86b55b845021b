"""CSV messages: one record each, in the order of the contract's columns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from glue_jobs.sources import text
from glue_jobs.sources.columns import POSITION, ColumnMapping
from glue_jobs.streaming.message_metadata import places
from glue_jobs.streaming.messages import CARRIED, REJECT, raw_of, reject_of, text_of
from lakehouse.contracts import Contract

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def csv_rows(messages: DataFrame, contract: Contract, most_bytes: int) -> DataFrame:
    """Every column as text."""
    from pyspark.sql import functions as F

    value, place = F.col("value"), places(contract)
    carried = {**place, **{name: name.removeprefix("_") for name in CARRIED}}
    sound = text_of(value, most_bytes)
    lines = messages.select(
        F.regexp_replace(F.coalesce(sound, raw_of(value, most_bytes)), "[\r\n]+$", "").alias("line"),
        sound.isNotNull().alias("utf8"),
        F.lit("").alias("position"),
        reject_of(value, most_bytes).alias(REJECT),
        *[F.col(what).cast("string").alias(name) for name, what in carried.items()],
    )
    found = {c.name: c.source_name for c in contract.columns if c.name not in place}
    # The parser keeps what it knows as columns, so what is carried is made such.
    beside = [
        replace(contract.columns[0], name=name, type="string", nullable=True) for name in (REJECT, *CARRIED)
    ]
    wide = replace(contract, columns=(*contract.columns, *beside))
    return text.parse_csv(
        lines, wide, list(found.values()), ColumnMapping(found, (), ()), passthrough=(REJECT, *carried)
    ).drop(POSITION)
