"""Compiles rules about a whole table: an aggregate of the one pass, and how its value is judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, NumericType, StructType, TimestampNTZType, TimestampType

from glue_jobs.quality.bounds import Arguments, RuleError, both, in_utc, within
from glue_jobs.quality.row_rules import column

# (value, logical date) → (whether the rule holds, the observed value to show)
Judge = Callable[[Any, date], tuple[bool, Any]]


@dataclass(frozen=True)
class TableRule:
    """An aggregate over the table, and the judge of its value."""

    aggregate: Column
    judge: Judge


def row_count(kwargs: Arguments, schema: StructType) -> TableRule:
    """The number of rows lies within the bounds."""
    return TableRule(F.count(F.lit(1)), _in_bounds(kwargs))


def mean(kwargs: Arguments, schema: StructType) -> TableRule:
    """The mean of a column of numbers lies within the bounds."""
    name = str(kwargs["column"])
    if not isinstance(schema[name].dataType, NumericType):
        raise RuleError(f"column '{name}' is {schema[name].dataType.simpleString()}, a mean needs numbers")
    return TableRule(F.mean(column(name)), _in_bounds(kwargs))


def total(kwargs: Arguments, schema: StructType) -> TableRule:
    """The sum of a column lies within the bounds."""
    # A sum of whole numbers that 64 bits do not hold would be another number: it is null, which is no sum.
    return TableRule(F.try_sum(column(kwargs["column"])), _in_bounds(kwargs))


def greatest(kwargs: Arguments, schema: StructType) -> TableRule:
    """The greatest value of a column lies within the bounds."""
    return _extreme(F.max, kwargs, schema)


def least(kwargs: Arguments, schema: StructType) -> TableRule:
    """The least value of a column lies within the bounds."""
    return _extreme(F.min, kwargs, schema)


def fresh(kwargs: Arguments, schema: StructType) -> TableRule:
    """The newest value is at most `max_age_days` days before the logical date; no value is not fresh."""
    days = int(kwargs["max_age_days"])

    def judge(newest: Any, run_date: date) -> tuple[bool, Any]:
        return newest is not None and (run_date - newest).days <= days, newest

    return TableRule(F.max(column(kwargs["column"])).cast("date"), judge)


AGGREGATES: dict[str, Callable[[Arguments, StructType], TableRule]] = {
    "expect_table_row_count_to_be_between": row_count,
    "expect_column_mean_to_be_between": mean,
    "expect_column_sum_to_be_between": total,
    "expect_column_max_to_be_between": greatest,
    "expect_column_min_to_be_between": least,
    "expect_table_to_be_fresh": fresh,
}


def columns_match(kwargs: Arguments, columns: Sequence[str]) -> tuple[bool, Any]:
    """Whether the table has the columns of the set, and no others unless `exact_match` is false."""
    expected, actual = set(map(str, kwargs["column_set"])), set(columns)
    holds = actual == expected if kwargs.get("exact_match", True) else expected <= actual
    return holds, sorted(actual)


def column_exists(kwargs: Arguments, columns: Sequence[str]) -> tuple[bool, Any]:
    """Whether the table has the column."""
    return kwargs["column"] in columns, None


SCHEMA_RULES: dict[str, Callable[[Arguments, Sequence[str]], tuple[bool, Any]]] = {
    "expect_table_columns_to_match_set": columns_match,
    "expect_column_to_exist": column_exists,
}


def _extreme(of: Callable[[Column], Column], kwargs: Arguments, schema: StructType) -> TableRule:
    column_type: DataType = schema[str(kwargs["column"])].dataType
    value, judge = of(column(kwargs["column"])), _in_bounds(kwargs)
    if not isinstance(column_type, TimestampType | TimestampNTZType):
        return TableRule(value, judge)

    def judge_time(text: Any, run_date: date) -> tuple[bool, Any]:
        return judge(None if text is None else in_utc(datetime.fromisoformat(text)), run_date)

    # As text: a collected timestamp would be in the time zone of this process, not of the session.
    return TableRule(value.cast("string"), judge_time)


def _in_bounds(kwargs: Arguments) -> Judge:
    low, high = both(kwargs, needed=False)
    return lambda value, run_date: (within(value, low, high), value)
