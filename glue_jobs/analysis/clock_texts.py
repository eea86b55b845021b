"""Finds texts that Spark takes for the time of a run in an analysed query, such as `day = 'yesterday'`.

`lakehouse validate` knows no types and sees only the casts that a query writes itself; the analyser adds the
others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyspark.sql import DataFrame

from glue_jobs.tables.query_guard import each, kind_of, nodes
from lakehouse.pipelines.sql_special_dates import is_clock_text

_TIMES = ("date", "timestamp", "timestamp_ntz")


def clock_texts(rows: DataFrame) -> Iterator[str]:
    """Each literal text of the clock that the analysed plan casts to a date or time."""
    for node in nodes(rows._jdf.queryExecution().analyzed()):
        for expression in each(node.expressions()):
            yield from _casts(expression)


def _casts(expression: Any) -> Iterator[str]:
    children = list(each(expression.children()))
    if kind_of(expression) == "Cast" and kind_of(children[0]) == "Literal":
        text = str(children[0].toString())
        if expression.dataType().simpleString() in _TIMES and is_clock_text(text):
            yield text
    for child in children:
        yield from _casts(child)
