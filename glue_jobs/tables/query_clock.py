"""Asks Spark's analysed plan whether the rows of a query follow the clock or the session.

A text that is compared with a day becomes a cast, and a name that is no column may become a function: only
Spark's analysis tells, since it knows the types.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame

from glue_jobs.tables.spark_plan import each, kind_of, nodes
from lakehouse.pipelines.sql_special_dates import is_clock_text

_OF_THE_SESSION = frozenset(
    {
        "CurrentCatalog",
        "CurrentDatabase",
        "CurrentDate",
        "CurrentTimeZone",
        "CurrentTimestamp",
        "CurrentUser",
        "LocalTimestamp",
        "Now",
    }
)
_TIMES = frozenset({"date", "timestamp", "timestamp_ntz"})
# Columns and values, which have nothing below them.
_PLAIN = frozenset({"AttributeReference", "Literal", "OuterReference"})


@dataclass(frozen=True)
class ClockRead:
    """What a query takes from the clock or the session, as SQL. `text`: what Spark takes for a time."""

    sql: str
    text: str = ""

    @property
    def refusal(self) -> str:
        return f"the query reads the clock or the session by {self.sql}; wanted :run_date"


def clock_reads(rows: DataFrame) -> Iterator[ClockRead]:
    """What the nodes of a query take; its tables, which are views, may say when a row came."""
    for node in nodes(rows._jdf.queryExecution().analyzed(), into_views=False):
        for expression in each(node.expressions()):
            yield from _reads(expression)


def _reads(expression: Any) -> Iterator[ClockRead]:
    kind = kind_of(expression)
    if kind in _PLAIN:
        return
    text = _cast_text(expression) if kind == "Cast" else ""
    if text or kind in _OF_THE_SESSION:
        yield ClockRead(str(expression.sql()), text)
    for child in each(expression.children()):
        yield from _reads(child)


def _cast_text(cast: Any) -> str:
    """The text for which Spark puts the time of the run: it does so for every constant one. Else empty."""
    child = cast.child()
    if str(cast.dataType().typeName()) not in _TIMES or str(child.dataType().typeName()) != "string":
        return ""
    text = child.eval(None) if child.foldable() else None
    return str(text) if text is not None and is_clock_text(str(text)) else ""
