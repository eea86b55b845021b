"""Days of a table's column of days. Rows without a day are those of a day of its own, None."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pyspark.sql import Column
from pyspark.sql import functions as F

Day = date | None


def in_order(days: Iterable[Day]) -> list[Day]:
    """Each day once, the earliest first and None last."""
    return sorted(set(days), key=lambda day: (day is None, day or date.min))


def is_of(column: Column, days: Iterable[Day]) -> Column:
    """Whether the row is of one of the days, never null."""
    dates = [day for day in days if day is not None]
    within = F.coalesce(column.isin(dates), F.lit(False))
    return within | column.isNull() if None in days else within


def sql_is_of(name: str, days: Iterable[Day]) -> str:
    """`is_of` as SQL, which Delta takes as the condition of what it replaces."""
    dates = ", ".join(f"date'{day.isoformat()}'" for day in days if day is not None)
    conditions = [f"`{name}` IN ({dates})"] if dates else []
    return " OR ".join([*conditions, *([f"`{name}` IS NULL"] if None in days else [])])
