"""A contract's rules as SQL conditions.

As text, since each call of the JVM for a part of an expression takes about as long as parsing all of it. `<=> true` makes a condition one that is
never null: for what may be null Spark makes three times the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from glue_jobs.contract.align import RAW
from lakehouse.contracts import Contract
from lakehouse.contracts.contract import Column

_WHOLE = ("tinyint", "smallint", "int", "bigint")
_BROKEN = {
    "minimum": "({0} < {1})", "maximum": "({0} > {1})", "exclusive_minimum": "({0} <= {1})", "exclusive_maximum": "({0} >= {1})",
    # How many bytes is known, characters must be counted.
    "min_length": "(octet_length({0}) < 4 * {1} AND length({0}) < {1})", "max_length": "(octet_length({0}) > {1} AND length({0}) > {1})",
}  # fmt: skip


def conditions(contract: Contract, there: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(name of the rule, condition that is true — never null — for a row that breaks it). `there`: the columns of the aligned rows."""
    columns = set(there)
    for column in contract.columns:
        value, raw = f"`{column.name}`", f"{RAW}{column.name}"
        unparsed = f"{value} IS NULL AND `{raw}` IS NOT NULL" if raw in columns else "false"
        if raw in columns:
            yield f"{column.name}: type {column.type}", unparsed
        for rule, bound in column.rules():
            if rule == "required":
                yield f"{column.name}: required", f"{value} IS NULL AND NOT ({unparsed})"
            else:
                shown = bound if rule != "format" else column.schema.format
                yield f"{column.name}: {rule} {shown}", f"{_broken(column, rule, bound, value)} <=> true"


def _broken(column: Column, rule: str, bound: Any, value: str) -> str:
    if rule in _BROKEN:
        return _BROKEN[rule].format(value, _bound(bound, column.type))
    if rule == "enum":
        return f"({_unlisted(value, bound)})"
    tried = f"(NOT {value} RLIKE {literal(bound)})"
    # Most values of a column with few of them are among its examples, and a regular expression costs as much as ten comparisons.
    return (
        f"(({_unlisted(value, column.schema.examples or [])}) <=> true AND {tried} <=> true)"
        if rule == "pattern"
        else tried
    )


def _unlisted(value: str, listed: list[Any]) -> str:
    known = ", ".join(literal(v) for v in listed if v is not None)
    return f"{value} NOT IN ({known})" if known else f"{value} IS NOT NULL"


def _bound(bound: Any, wanted: str) -> str:
    """A number as the column's own kind where it is one: against any other Spark would widen every value of the column first."""
    exact = Decimal(str(bound))
    whole = exact == int(exact)
    if wanted in _WHOLE or isinstance(bound, int):
        return str(int(exact)) if whole else literal(bound)
    digits = re.fullmatch(r"decimal\((\d+),(\d+)\)", wanted)
    if digits is None:
        return literal(bound)
    precision, scale = map(int, digits.groups())
    if exact != round(exact, scale) or abs(exact) >= Decimal(10) ** (precision - scale):
        return literal(bound)
    # Spark compares a decimal that was made from a whole number as a long, and any other by way of BigDecimal.
    return f"CAST({int(exact) if whole else format(exact, 'f')} AS {wanted})"


def literal(value: Any) -> str:
    """A value as Spark SQL writes it. Only one that stands in a contract: a text, a number or a truth."""
    if isinstance(value, str):
        # Spark would put a setting in the place of ${…}.
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("$", "\\u0024")
        return f"'{escaped}'"
    return f"{value!r}D" if isinstance(value, float) else str(value)
