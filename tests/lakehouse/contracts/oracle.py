"""The rules of contracts and suites, judged by polars and by the words of Great Expectations' documentation
alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl

from lakehouse.contracts import Column, Expectation

Tables = dict[str, pl.DataFrame]


def breaks(column: Column, rule: str, bound: Any) -> pl.Expr:
    """True for the rows that break a row rule of a contract; a null breaks `required` only."""
    value = pl.col(column.name)
    tests: dict[str, Callable[[], pl.Expr]] = {
        "required": value.is_null,
        "format": lambda: ~value.str.contains(bound),
        "pattern": lambda: ~value.str.contains(bound),
        "enum": lambda: ~value.is_in(bound),
        "minimum": lambda: value < bound,
        "maximum": lambda: value > bound,
        "exclusive_minimum": lambda: value <= bound,
        "exclusive_maximum": lambda: value >= bound,
        "min_length": lambda: value.str.len_chars() < bound,
        "max_length": lambda: value.str.len_chars() > bound,
    }
    return tests[rule]().fill_null(False)


def holds(rule: Expectation, table: str, tables: Tables, today: date) -> bool:
    """Does the table keep the rule? Judged on the columns that the frame has."""
    rows, k = tables[table], rule.kwargs
    kind = rule.type.removeprefix("expect_")
    if kind in _ROWS:
        given = (
            rows
            if kind == "column_values_to_not_be_null"
            else rows.drop_nulls([c for c in rule.columns if c in rows.columns])
        )
        good = given.select(_ROWS[kind](k, tables).alias("good"))["good"]
        return given.is_empty() or float(good.mean() or 0) >= rule.mostly  # type: ignore[arg-type]
    return _TABLE[kind](rows, k, today)


def _between(k: dict[str, Any]) -> pl.Expr:
    value, good = pl.col(k["column"]), pl.lit(True)
    if "min_value" in k:
        good &= value > k["min_value"] if k.get("strict_min") else value >= k["min_value"]
    return good & (value <= k["max_value"]) if "max_value" in k else good


def _greater(k: dict[str, Any]) -> pl.Expr:
    a, b = pl.col(k["column_A"]), pl.col(k["column_B"])
    return a >= b if k.get("or_equal") else a > b


_ROWS: dict[str, Callable[[dict[str, Any], Tables], pl.Expr]] = {
    "column_values_to_not_be_null": lambda k, _: pl.col(k["column"]).is_not_null(),
    "column_values_to_be_unique": lambda k, _: pl.col(k["column"]).is_unique(),
    "compound_columns_to_be_unique": lambda k, _: pl.struct(k["column_list"]).is_unique(),
    "column_values_to_be_in_set": lambda k, _: pl.col(k["column"]).is_in(k["value_set"]),
    "column_values_to_match_regex": lambda k, _: pl.col(k["column"]).str.contains(k["regex"]),
    "column_values_to_be_between": lambda k, _: _between(k),
    "column_pair_values_a_to_be_greater_than_b": lambda k, _: _greater(k),
    "column_values_to_exist_in_table": lambda k, tables: pl.col(k["column"]).is_in(
        tables[k["table"]][k["table_column"]].unique().to_list()
    ),
}


def _inside(value: Any, k: dict[str, Any]) -> bool:
    return bool(k.get("min_value", value) <= value <= k.get("max_value", value))


def _contiguous(rows: pl.DataFrame, k: dict[str, Any], _: date) -> bool:
    last = pl.col(k["valid_to"]).shift(1).over(k["column_list"])
    return bool(
        rows.sort(*k["column_list"], k["valid_from"])
        .select(((last == pl.col(k["valid_from"])) | last.is_null()).all())
        .item()
    )


def _fresh(rows: pl.DataFrame, k: dict[str, Any], today: date) -> bool:
    newest: date = rows.select(pl.col(k["column"]).cast(pl.Date).max()).item()
    return bool((today - newest).days <= k["max_age_days"])


_TABLE: dict[str, Callable[[pl.DataFrame, dict[str, Any], date], bool]] = {
    "table_row_count_to_be_between": lambda rows, k, _: _inside(rows.height, k),
    "table_columns_to_match_set": lambda rows, k, _: set(rows.columns) == set(k["column_set"]),
    "column_mean_to_be_between": lambda rows, k, _: _inside(rows[k["column"]].mean(), k),
    "column_min_to_be_between": lambda rows, k, _: _inside(rows[k["column"]].min(), k),
    "column_max_to_be_between": lambda rows, k, _: _inside(rows[k["column"]].max(), k),
    "intervals_to_be_contiguous": _contiguous,
    "table_to_be_fresh": _fresh,
}
