"""Asks Spark's analysed plan whether the rows of a query follow the clock or the session.

A text that is compared with a day becomes a cast, and a name that is no column may become a function: only
Spark's analysis tells, since it knows the types.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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


def moments(expressions: Iterator[Any]) -> Iterator[str]:
    """What the expressions of a plan take from the clock or the session, as SQL."""
    for expression in expressions:
        kind = str(expression.getClass().getSimpleName())
        if kind in _PLAIN:
            continue
        if kind in _OF_THE_SESSION or (kind == "Cast" and _casts_the_clock(expression)):
            yield str(expression.sql())
        children = expression.children()
        yield from moments(children.apply(i) for i in range(children.size()))


def _casts_the_clock(cast: Any) -> bool:
    """Whether Spark puts the time of the run in the place of a text: it does so for every constant one."""
    child = cast.child()
    if str(cast.dataType().typeName()) not in _TIMES or str(child.dataType().typeName()) != "string":
        return False
    text = child.eval(None) if child.foldable() else None
    return text is not None and is_clock_text(str(text))
