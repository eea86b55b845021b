"""Checks of one expectation of a suite: it exists, and its arguments fit it."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from lakehouse.contracts.suite import COUNTING, EXPECTATIONS, TABLE_COLUMNS, Expectation
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _after(low: Any, high: Any) -> bool:
    """Whether the first of two numbers, dates or times is greater; False for values of two kinds."""
    if _number(low) and _number(high):
        return bool(low > high)
    try:
        # A date beside a time is its midnight, and a time without an offset is in UTC.
        times = [datetime.fromisoformat(str(value)) for value in (low, high)]
        first, second = (each if each.tzinfo else each.replace(tzinfo=UTC) for each in times)
        return first > second
    except (TypeError, ValueError):
        return False


def _texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_text, value))


# Argument → (does a value fit, the shape it wants).
_SHAPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys((*TABLE_COLUMNS, "table", "table_column", "regex"), (_text, "a text")),
    **dict.fromkeys(("column_list", "column_set"), (_texts, "a list of columns")),
    **dict.fromkeys(
        ("min_value", "max_value"), (lambda v: _number(v) or _text(v), "a number, a date or a time")
    ),
    **dict.fromkeys(
        ("strict_min", "strict_max", "or_equal", "exact_match"),
        (lambda v: isinstance(v, bool), "true or false"),
    ),
    "mostly": (lambda v: _number(v) and 0 < v <= 1, "a share above 0, at most 1"),
    "max_age_days": (_count, "whole days, 0 or more"),
    "value_set": (
        lambda v: isinstance(v, list) and bool(v) and not any(isinstance(x, list | dict) for x in v),
        "a list of values",
    ),
}


def argument_fits(name: str, value: Any) -> bool:
    """Whether a value is of the type that the argument has in every expectation."""
    fits, _ = _SHAPES.get(name, (lambda _: True, ""))
    return fits(value)


def check_arguments(i: int, e: Expectation, located: Located, faults: Collector) -> bool:
    """True when the expectation exists and its arguments fit it."""
    before = len(faults.faults)
    if e.type not in EXPECTATIONS:
        faults.add(
            "LK209",
            f"unknown expectation '{e.type}'",
            file=located.file,
            at=located.at(("expectations", i, "type")),
            wanted="a supported Great Expectations name",
            value=e.type,
            among=EXPECTATIONS,
        )
        return False
    _check_argument_names(i, e, located, faults)
    _check_argument_values(i, e, located, faults)
    _check_bounds(i, e, located, faults)
    _check_counts(i, e, located, faults)
    return len(faults.faults) == before


def _check_argument_names(i: int, e: Expectation, located: Located, faults: Collector) -> None:
    """Notes each argument that the expectation lacks, and each that it does not take."""
    needs, takes = EXPECTATIONS[e.type]
    at = located.at(("expectations", i, "type"))
    for name in sorted(needs - e.kwargs.keys()):
        faults.add(
            "LK210",
            f"{e.type} lacks '{name}'",
            file=located.file,
            at=at,
            wanted=", ".join(sorted(needs)),
            value=name,
        )
    for name in sorted(e.kwargs.keys() - needs - takes):
        faults.add(
            "LK210",
            f"{e.type} takes no '{name}'",
            file=located.file,
            at=located.at(("expectations", i, "kwargs", name), key=True),
            wanted=", ".join(sorted(needs | takes)) or "no argument",
            value=name,
            among=needs | takes,
        )


def _check_argument_values(i: int, e: Expectation, located: Located, faults: Collector) -> None:
    """Notes each argument whose value is of another type than the expectation takes."""
    needs, takes = EXPECTATIONS[e.type]
    for name, value in e.kwargs.items():
        fits, expected = _SHAPES.get(name, (lambda _: True, ""))
        if name in needs | takes and not fits(value):
            faults.add(
                "LK210",
                f"{name} = {value!r:.80}",
                file=located.file,
                at=located.at(("expectations", i, "kwargs", name)),
                wanted=expected,
                value=value,
            )


def _check_counts(i: int, e: Expectation, located: Located, faults: Collector) -> None:
    """Notes a bound of a number of rows or characters that is no such number."""
    for name in ("min_value", "max_value") if e.type in COUNTING else ():
        value = e.kwargs.get(name)
        if value is not None and argument_fits(name, value) and not _count(value):
            faults.add(
                "LK210",
                f"{name} = {value!r:.80}",
                file=located.file,
                at=located.at(("expectations", i, "kwargs", name)),
                wanted="a whole number without quotes, 0 or more",
                value=value,
            )


def _check_bounds(i: int, e: Expectation, located: Located, faults: Collector) -> None:
    """Notes a range without a bound, and one whose minimum is greater than its maximum."""
    _, takes = EXPECTATIONS[e.type]
    low, high = e.kwargs.get("min_value"), e.kwargs.get("max_value")
    if "min_value" in takes and low is None and high is None:
        faults.add(
            "LK210",
            f"{e.type} has no bound",
            file=located.file,
            at=located.at(("expectations", i, "type")),
            wanted="min_value, max_value or both",
            value="",
        )
    elif _after(low, high):
        faults.add(
            "LK210",
            f"min_value {low} is greater than max_value {high}",
            file=located.file,
            at=located.at(("expectations", i, "kwargs", "min_value")),
            wanted="the lesser one first",
            value=low,
        )
