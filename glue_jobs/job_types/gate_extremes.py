"""The greatest, least and newest values of a table, which a gate remembers from one pass to the next.

A value of the whole table then follows from the one before and from what changed, so that a rule that fails
costs what changed, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from glue_jobs.quality.result import Result
from lakehouse.contracts import Contract, Expectation
from lakehouse.contracts.masking import is_personal

_BEST: dict[str, Callable[[Any, Any], Any]] = {
    "expect_column_max_to_be_between": max,
    "expect_column_min_to_be_between": min,
    "expect_table_to_be_fresh": max,
}
EXTREMES = tuple(_BEST)
# Rule → the value of the whole table as text, and its type.
Remembered = Mapping[str, Sequence[str]]
_READERS: dict[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "int": int,
    "float": float,
    "Decimal": Decimal,
}


def extremes_of(results: Sequence[Result], contract: Contract) -> dict[str, list[str]]:
    """What to remember of results: each value that is the whole table's, of columns without personal data."""
    values: dict[str, list[str]] = {}
    for r in results:
        value = r.observed_value if r.part is None else r.whole_value
        column = contract.by_name.get(str(r.kwargs.get("column")))
        if r.expectation in _BEST and _has_order(value) and column and not is_personal(column):
            values[_key(r.expectation, r.kwargs)] = [type(value).__name__, str(value)]
    return values


def value_before(e: Expectation, values: Remembered) -> Any:
    """The value of the whole table that is remembered of a rule; None without one."""
    kind, text = values.get(_key(e.type, e.kwargs)) or ("", "")
    return _READERS[kind](text) if kind in _READERS else None


def value_now(e: Expectation, before: Any, now: Any, removed: Any) -> Any:
    """The value of the whole table; None when the three do not tell.

    `before`: of the whole table as it was. `now`: of the changed rows as they are, `removed`: of these as
    they were, None where there are none.
    """
    best = _BEST[e.type]
    values = [value for value in (before, now, removed) if value is not None]
    if before is None or not all(map(_has_order, values)) or len({type(v) for v in values}) > 1:
        return None
    if now is not None and best(now, before) == now:
        return now
    # The rows that did not change have nothing better than `before`, and have it when no row of it changed.
    return None if removed is not None and best(removed, before) == removed else before


def _key(kind: str, kwargs: Mapping[str, Any]) -> str:
    return f"{kind} {kwargs.get('column')}"


def _has_order(value: Any) -> bool:
    return type(value).__name__ in _READERS and value == value
