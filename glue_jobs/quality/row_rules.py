"""Compiles rules about single rows: which rows a rule considers, and which of these break it.

A condition that is null (a comparison with null) breaks nothing, as in Great Expectations.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from glue_jobs.quality.bounds import Arguments, Bound, RuleError, both, literal
from lakehouse.contracts.regex import java_pattern
from lakehouse.contracts.regex_cost import pattern_cost
from lakehouse.contracts.suite import stated_values


@dataclass(frozen=True)
class RowRule:
    """`considered` is null in the rows that the rule ignores, `unexpected` is true in those that break it."""

    considered: Column
    unexpected: Column


def column(name: object) -> Column:
    """The column of exactly this name, whatever characters it has."""
    return F.col("`" + str(name).replace("`", "``") + "`")


def not_null(kwargs: Arguments, schema: StructType) -> RowRule:
    """A value is not null."""
    return RowRule(F.lit(1), column(kwargs["column"]).isNull())


def in_set(kwargs: Arguments, schema: StructType) -> RowRule:
    """A value is one of the set; nulls are ignored."""
    c = column(kwargs["column"])
    # Whether null is in an empty list depends on a setting of Spark.
    return RowRule(c, c.isNotNull() & ~c.isin(stated_values(kwargs)))


def match_regex(kwargs: Arguments, schema: StructType) -> RowRule:
    """A match anywhere in the value will do, as in Great Expectations; `^` and `$` are the value's very ends.

    A value for which Java might look for minutes is none that matches. Raises `RuleError` for a text that
    Java cannot read as a regular expression.
    """
    c, pattern = column(kwargs["column"]), str(kwargs["regex"])
    try:
        matches, longest = c.rlike(java_pattern(pattern)), pattern_cost(pattern).longest
        if longest is not None:
            matches = F.when(F.length(c) <= longest, matches).otherwise(c.isNull())
        return _of_values(c, matches)
    except (re.error, OverflowError, RecursionError) as error:
        raise RuleError(f"regex {kwargs['regex']!r}: {error}") from error


def between(kwargs: Arguments, schema: StructType) -> RowRule:
    """A value lies between the bounds; nulls are ignored."""
    name = str(kwargs["column"])
    low, high = (_literal(b, schema, name) for b in both(kwargs))
    c = column(name)
    return _of_values(
        c, _between(c, low, high, bool(kwargs.get("strict_min")), bool(kwargs.get("strict_max")))
    )


def length_between(kwargs: Arguments, schema: StructType) -> RowRule:
    """A text has a number of characters between the bounds; nulls are ignored."""
    bounds = both(kwargs)
    if any(b is not None and not (isinstance(b, float) and b.is_integer()) for b in bounds):
        raise RuleError("min_value and max_value of a length must be whole numbers")
    low, high = (F.lit(int(b)) if isinstance(b, float) else None for b in bounds)
    c = column(kwargs["column"])
    return _of_values(c, _between(F.length(c), low, high, False, False))


def a_greater_than_b(kwargs: Arguments, schema: StructType) -> RowRule:
    """Rows where both are null are ignored; a row with one null is considered and kept."""
    a, b = column(kwargs["column_A"]), column(kwargs["column_B"])
    expected = (a >= b) if kwargs.get("or_equal") else (a > b)
    return RowRule(F.when(a.isNotNull() | b.isNotNull(), 1), ~expected)


ROW_RULES: dict[str, Callable[[Arguments, StructType], RowRule]] = {
    "expect_column_values_to_not_be_null": not_null,
    "expect_column_values_to_be_in_set": in_set,
    "expect_column_values_to_match_regex": match_regex,
    "expect_column_values_to_be_between": between,
    "expect_column_value_lengths_to_be_between": length_between,
    "expect_column_pair_values_a_to_be_greater_than_b": a_greater_than_b,
}


def _of_values(c: Column, expected: Column) -> RowRule:
    return RowRule(c, ~expected)


def _literal(b: Bound, schema: StructType, name: str) -> Column | None:
    return None if b is None else literal(b, schema[name].dataType)


def _between(
    c: Column, low: Column | None, high: Column | None, strict_min: bool, strict_max: bool
) -> Column:
    parts: list[Column] = []
    if low is not None:
        parts.append((operator.gt if strict_min else operator.ge)(c, low))
    if high is not None:
        parts.append((operator.lt if strict_max else operator.le)(c, high))
    return reduce(operator.and_, parts)
