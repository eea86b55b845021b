"""Bounds what a stream remembers."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

ARRIVED = "_arrived"


def without_repeats(rows: DataFrame, keys: Sequence[str], hours: int) -> DataFrame:
    """The first row of each key; a key is forgotten `hours` after it came.

    Time is that of the micro-batches, which Spark keeps with the offsets: it never goes back, so that no row
    is late and dropped, and a batch that is done twice gives the same rows.
    """
    arrived = rows.withColumn(ARRIVED, F.current_timestamp()).withWatermark(ARRIVED, f"{hours} hours")
    return arrived.dropDuplicatesWithinWatermark(list(keys)).drop(ARRIVED)
