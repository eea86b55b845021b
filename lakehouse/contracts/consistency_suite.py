"""What pydantic cannot see in a suite: expectations that exist, with arguments that fit them and columns that
the table has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lakehouse.contracts.consistency import check_known, check_regex
from lakehouse.contracts.contract import Contract
from lakehouse.contracts.suite import EXPECTATIONS, TABLE_COLUMNS, Expectation, Suite
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


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
    "max_age_days": (
        lambda v: isinstance(v, int) and not isinstance(v, bool) and v >= 0,
        "whole days, 0 or more",
    ),
    "value_set": (
        lambda v: isinstance(v, list) and bool(v) and not any(isinstance(x, list | dict) for x in v),
        "a list of values",
    ),
}


def check_suite(
    table: str,
    suite: Suite,
    located: Located,
    contracts: Mapping[str, Contract],
    declared: Sequence[str],
    faults: Collector,
) -> bool:
    """True when nothing was found. A table whose contract is broken is not held against its suite."""
    before = len(faults.faults)
    file = located.file
    if suite.table != table:
        faults.add(
            "LK201",
            f"table '{suite.table}' is not this file's",
            file=file,
            at=located.at(("table",)),
            wanted=table,
            value=suite.table,
        )
    if table not in declared:
        faults.add(
            "LK208",
            f"table '{table}' has no contract",
            file=file,
            wanted="a .schema.json beside it",
            value=table,
            among=declared,
        )
    for i, expectation in enumerate(suite.expectations):
        if _arguments_fit(i, expectation, located, faults):
            _check_columns(i, expectation, table, located, contracts, declared, faults)
    return len(faults.faults) == before


def _arguments_fit(i: int, e: Expectation, located: Located, faults: Collector) -> bool:
    before = len(faults.faults)
    file, at = located.file, located.at(("expectations", i, "type"))
    if e.type not in EXPECTATIONS:
        expected = "a supported Great Expectations name"
        faults.add(
            "LK209",
            f"unknown expectation '{e.type}'",
            file=file,
            at=at,
            wanted=expected,
            value=e.type,
            among=EXPECTATIONS,
        )
        return False
    needs, takes = EXPECTATIONS[e.type]
    for name in sorted(needs - e.kwargs.keys()):
        faults.add(
            "LK210", f"{e.type} lacks '{name}'", file=file, at=at, wanted=", ".join(sorted(needs)), value=name
        )
    for name in sorted(e.kwargs.keys() - needs - takes):
        key_location = located.at(("expectations", i, "kwargs", name), key=True)
        expected = ", ".join(sorted(needs | takes)) or "no argument"
        faults.add(
            "LK210",
            f"{e.type} takes no '{name}'",
            file=file,
            at=key_location,
            wanted=expected,
            value=name,
            among=needs | takes,
        )
    for name, value in e.kwargs.items():
        fits, expected = _SHAPES.get(name, (lambda _: True, ""))
        if name in needs | takes and not fits(value):
            key_location = located.at(("expectations", i, "kwargs", name))
            faults.add(
                "LK210", f"{name} = {value!r:.80}", file=file, at=key_location, wanted=expected, value=value
            )
    low, high = e.kwargs.get("min_value"), e.kwargs.get("max_value")
    if "min_value" in takes and low is None and high is None:
        faults.add(
            "LK210",
            f"{e.type} has no bound",
            file=file,
            at=at,
            wanted="min_value, max_value or both",
            value="",
        )
    elif _number(low) and _number(high) and low > high:  # type: ignore[operator]
        key_location = located.at(("expectations", i, "kwargs", "min_value"))
        faults.add(
            "LK210",
            f"min_value {low} is greater than max_value {high}",
            file=file,
            at=key_location,
            wanted="the lesser one first",
            value=low,
        )
    return len(faults.faults) == before


def _check_columns(
    i: int,
    e: Expectation,
    table: str,
    located: Located,
    contracts: Mapping[str, Contract],
    declared: Sequence[str],
    faults: Collector,
) -> None:
    loc = ("expectations", i, "kwargs")
    if table in contracts:
        columns = [name for name, _ in contracts[table].stored]
        for key in TABLE_COLUMNS:
            if key in e.kwargs:
                check_known([e.kwargs[key]], columns, located, (*loc, key), faults)
        for key in ("column_list", "column_set"):
            check_known(e.kwargs.get(key, []), columns, located, (*loc, key), faults)
    if "regex" in e.kwargs:
        check_regex(e.kwargs["regex"], located, (*loc, "regex"), faults)
    other = e.kwargs.get("table")
    if other is not None and other not in declared:
        at = located.at((*loc, "table"))
        faults.add(
            "LK208",
            f"table '{other}' has no contract",
            file=located.file,
            at=at,
            wanted="a table of schemas/",
            value=other,
            among=declared,
        )
    elif other is not None and other in contracts:
        check_known(
            [e.kwargs["table_column"]],
            [name for name, _ in contracts[other].stored],
            located,
            (*loc, "table_column"),
            faults,
        )
