"""Checks that the arguments of an expectation fit the types of its columns.

Spark would cast one to the other in silence: a rule that compares a text with a number holds for every row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lakehouse.contracts.suite import Expectation
from lakehouse.reading.days import is_day_or_time
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located

_FAMILIES = {
    "text": r"string|varchar\(\d+\)|char\(\d+\)",
    "number": r"tinyint|smallint|int|bigint|float|double|decimal\(\d+,\d+\)",
    "time": r"date|timestamp|timestamp_ntz",
    "boolean": r"boolean",
}
# Expectation → the families of columns that it can judge.
_JUDGES = {
    "expect_column_values_to_match_regex": ("text",),
    "expect_column_value_lengths_to_be_between": ("text",),
    "expect_column_values_to_be_between": ("number", "time"),
    "expect_column_max_to_be_between": ("number", "time"),
    "expect_column_min_to_be_between": ("number", "time"),
    "expect_column_mean_to_be_between": ("number",),
    "expect_column_sum_to_be_between": ("number",),
    "expect_table_to_be_fresh": ("time",),
}
_PAIR = "expect_column_pair_values_a_to_be_greater_than_b"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_time(value: Any) -> bool:
    return isinstance(value, date) or (isinstance(value, str) and is_day_or_time(value))


# Family → (whether a value is of it, how it is written).
_VALUES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "text": (lambda value: isinstance(value, str), "a text: quote it"),
    "number": (_is_number, "a number without quotes"),
    "time": (_is_time, "a date or time, such as 2017-01-31"),
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
}


def family_of(spark_type: str) -> str:
    """text, number, time or boolean; other, for a type that has no order and no literals."""
    return next((name for name, kinds in _FAMILIES.items() if re.fullmatch(kinds, spark_type)), "other")


def fault_of_reference(spark_type: str, of_other: str) -> str:
    """Why values of a type cannot be looked up among those of another one; empty when they can.

    Spark would cast: '007' would be found where the other table has 7.
    """
    if family_of(spark_type) == family_of(of_other):
        return ""
    return f"a column of {spark_type} is looked up in one of {of_other}"


@dataclass(frozen=True)
class Misfit:
    """An argument of an expectation that does not fit the table. `loc`: where it stands among `kwargs`."""

    loc: tuple[str | int, ...]
    message: str
    wanted: str
    value: str


def misfits(e: Expectation, types: Mapping[str, str]) -> Iterator[Misfit]:
    """A column that the expectation cannot judge, and each value of another type.

    `types`: the table's columns with their Spark types. Columns that it lacks are none of these faults.
    """
    name = str(e.kwargs.get("column"))
    if name in types:
        yield from _misfits_of_column(e, name, types[name])
    if e.type == _PAIR:
        a, b = str(e.kwargs.get("column_A")), str(e.kwargs.get("column_B"))
        if a in types and b in types and family_of(types[a]) != family_of(types[b]):
            message = f"'{a}' is {types[a]} and '{b}' is {types[b]}"
            yield Misfit(("column_B",), message, "two columns of one kind", b)


def check_fit(i: int, e: Expectation, types: Mapping[str, str], located: Located, faults: Collector) -> None:
    """Notes LK226 for a column that the expectation cannot judge, and for a value of another type."""
    for misfit in misfits(e, types):
        faults.add(
            "LK226",
            misfit.message,
            file=located.file,
            at=located.at(("expectations", i, "kwargs", *misfit.loc)),
            wanted=misfit.wanted,
            value=misfit.value,
        )


def _misfits_of_column(e: Expectation, name: str, spark_type: str) -> Iterator[Misfit]:
    family = family_of(spark_type)
    if family not in _JUDGES.get(e.type, (family,)):
        expected = f"a column of {' or '.join(f'{kind}s' for kind in _JUDGES[e.type])}"
        yield Misfit(("column",), f"{e.type} judges no {spark_type}: '{name}'", expected, name)
        return
    if family == "other":
        return
    fits, expected = _VALUES[family]
    # The bounds of a length are numbers, whatever the column holds.
    bounds = e.type != "expect_column_value_lengths_to_be_between"
    for key in ("min_value", "max_value"):
        value = e.kwargs.get(key)
        if bounds and value is not None and not fits(value):
            yield Misfit((key,), f"{key} {value!r} fits no {spark_type}", expected, str(value))
    for position, value in enumerate(e.kwargs.get("value_set") or []):
        if value is not None and not fits(value):
            message = f"value {value!r} of value_set fits no {spark_type}"
            yield Misfit(("value_set", position), message, expected, str(value))
