"""Writes a contract's rules as SQL conditions.

They are text, since each call of the JVM for a part of an expression takes about as long as parsing all of
it. `<=> true` makes a condition that is never null: for one that may be null, Spark generates three times the
code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any

from glue_jobs.contract.align import RAW
from glue_jobs.contract.sql_literals import literal
from glue_jobs.contract.texts import APPROXIMATE_TYPES, INTEGRAL_TYPES
from lakehouse.contracts import Contract
from lakehouse.contracts.contract import Column
from lakehouse.contracts.regex import java_pattern
from lakehouse.contracts.regex_cost import pattern_cost
from lakehouse.contracts.row_rule import RowRule

_BOUND_BROKEN = {
    "minimum": "({0} < {1})",
    "maximum": "({0} > {1})",
    "exclusive_minimum": "({0} <= {1})",
    "exclusive_maximum": "({0} >= {1})",
    # Spark knows the number of bytes; it must count characters.
    "min_length": "(octet_length({0}) < 4 * {1} AND length({0}) < {1})",
    "max_length": "(octet_length({0}) > {1} AND length({0}) > {1})",
}
_ROUNDING = {
    "minimum": ROUND_CEILING,
    "maximum": ROUND_FLOOR,
    "exclusive_minimum": ROUND_FLOOR,
    "exclusive_maximum": ROUND_CEILING,
    "min_length": ROUND_CEILING,
    "max_length": ROUND_FLOOR,
}
_CONTEXT = Context(prec=400)
# Spark's decimals have at most 38 digits.
_TOO_LARGE = Decimal(10) ** 38
# Spark's NaN is greater than every number; JSON has neither it nor an infinity.
_NOT_FINITE = "({0} > 1.7976931348623157E308D OR {0} < -1.7976931348623157E308D) <=> true"


def conditions(contract: Contract, aligned: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(name of the rule, condition that is true, never null, for a row that breaks it).

    `aligned` names the columns of the aligned rows.
    """
    columns = set(aligned)
    for column in contract.columns:
        value, raw = f"`{column.name}`", f"{RAW}{column.name}"
        unparsed = f"{value} IS NULL AND `{raw}` IS NOT NULL" if raw in columns else "false"
        of_another_type = [unparsed] if raw in columns else []
        if column.type in APPROXIMATE_TYPES:
            of_another_type.append(_NOT_FINITE.format(value))
        if of_another_type:
            yield f"{column.name}: type {column.type}", " OR ".join(of_another_type)
        if column.type == "string" and contract.lake.store == "postgres":
            # PostgreSQL's text cannot hold it.
            yield f"{column.name}: a text without NUL", f"contains({value}, '\\0') <=> true"
        for rule, bound in column.rules():
            if rule == "required":
                yield f"{column.name}: required", f"{value} IS NULL AND NOT ({unparsed})"
            else:
                shown = bound if rule != "format" else column.schema.format
                yield f"{column.name}: {rule} {shown}", f"{_broken(column, rule, bound, value)} <=> true"
    for row_rule in contract.lake.rules:
        yield f"{row_rule.name}: {row_rule.reason}", rule_condition(row_rule)


def rule_condition(rule: RowRule) -> str:
    """The condition that is true for a row that breaks a rule across columns.

    As SQL's CHECK, a rule that is null is kept. Its SQL stands on lines of its own.
    """
    return f"(NOT (\n{rule.sql}\n)) <=> true"


def _broken(column: Column, rule: str, bound: Any, value: str) -> str:
    if rule in _BOUND_BROKEN:
        return _BOUND_BROKEN[rule].format(value, _bound(rule, bound, column.type))
    if rule == "enum":
        return f"({_unlisted(value, bound)})"
    mismatch = f"(NOT {value} RLIKE {literal(java_pattern(bound))})"
    if rule != "pattern":
        return mismatch
    longest = pattern_cost(bound).longest
    if longest is not None:
        # For a longer value Java might look for minutes.
        mismatch = f"(CASE WHEN length({value}) > {longest} THEN true ELSE {mismatch} END)"
    # A column with few values has most of them among its examples, and a regular expression costs as much as
    # ten comparisons.
    return f"(({_unlisted(value, column.schema.examples or [])}) <=> true AND {mismatch} <=> true)"


def _unlisted(value: str, allowed: list[Any]) -> str:
    listed = ", ".join(literal(v) for v in allowed if v is not None)
    return f"{value} NOT IN ({listed})" if listed else f"{value} IS NOT NULL"


def _bound(rule: str, bound: Any, column_type: str) -> str:
    """A number in the column's own type where it fits: otherwise Spark would widen every value first."""
    exact = Decimal(str(bound))
    whole = exact == int(exact)
    if abs(exact) >= _TOO_LARGE:
        return literal(float(bound))
    if column_type in INTEGRAL_TYPES or isinstance(bound, int):
        return str(int(exact)) if whole else literal(bound)
    digits = re.fullmatch(r"decimal\((\d+),(\d+)\)", column_type)
    if digits is None:
        return literal(bound)
    precision, scale = map(int, digits.groups())
    # Between two values of the column, the one that divides them in the same way.
    nearest = exact.quantize(Decimal(1).scaleb(-scale), _ROUNDING[rule], context=_CONTEXT)
    if abs(nearest) >= Decimal(10) ** (precision - scale):
        return literal(bound)
    # Spark compares a decimal that comes from a whole number as a long, and any other by way of BigDecimal.
    return f"CAST({int(nearest) if nearest == int(nearest) else format(nearest, 'f')} AS {column_type})"
