"""Instants as literals of Spark."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pyspark.sql import Column
from pyspark.sql import functions as F

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(moment: datetime) -> Column:
    """A moment as a literal. One without an offset is in the time zone of this process, as Spark collects it.

    `F.lit` goes by way of Java's old calendar: a time of before 1582 would be another by days.
    """
    return F.timestamp_micros(F.lit((moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)))
