"""Days are compared as DuckDB compares them, rows without a day too."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from glue_jobs.tables.day import Day, in_order, sql_is_of

MONDAY, TUESDAY = date(2017, 1, 30), date(2017, 1, 31)


@pytest.mark.parametrize(
    ("days", "rows"),
    [([MONDAY], [1]), ([None], [3]), ([MONDAY, None], [1, 3]), ([MONDAY, TUESDAY, None], [1, 2, 3])],
)
def test_condition_on_days_selects_their_rows(days: list[Day], rows: list[int]) -> None:
    table = "(VALUES (DATE '2017-01-30', 1), (DATE '2017-01-31', 2), (NULL, 3)) t(day, n)"
    condition = sql_is_of("day", days).replace("`", '"').replace("date'", "DATE '")
    assert [
        n for (n,) in duckdb.sql(f"SELECT n FROM {table} WHERE {condition} ORDER BY n").fetchall()
    ] == rows


def test_days_are_in_order_and_none_is_the_last() -> None:
    assert in_order([None, TUESDAY, MONDAY, None, TUESDAY]) == [MONDAY, TUESDAY, None]
