"""What a case found: a line when it passed, a side-by-side table of expected and actual values when not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from cli.pipeline.cases.run import TableResult, Values

NO_ROW = "(no row)"
MAX_DIFFERENCES = 100


def print_result(result: TableResult) -> None:
    """One line for a table that has its rows; for another every value that differs."""
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    if result.passed:
        console.print(f"passed  {result.case}: {result.table}, {result.rows} rows", markup=False)
        return
    console.print(f"FAILED  {result.case}: {result.table}", markup=False)
    if result.error:
        console.print(f"        {result.error}", markup=False)
        return
    table = Table(header_style="bold")
    for heading in ("row", "column", "expected", "actual"):
        table.add_column(heading, overflow="fold")
    for key, column, expected, actual in list(differences(result))[:MAX_DIFFERENCES]:
        table.add_row(escape(key), column, f"[green]{escape(expected)}", f"[red]{escape(actual)}")
    console.print(table)


def as_dict(result: TableResult) -> dict[str, Any]:
    """The same for machines."""
    names = ("row", "column", "expected", "actual")
    rows = [dict(zip(names, d, strict=True)) for d in differences(result)]
    return {
        "case": result.case,
        "table": result.table,
        "passed": result.passed,
        "error": result.error,
        "differences": rows,
    }


def differences(result: TableResult) -> Iterator[tuple[str, str, str, str]]:
    """(row, column, expected, actual) for each value that differs; rows are paired by their key."""
    for key, expected, actual in _pairs(result):
        if expected is None or actual is None:
            yield key, "", _shown(result, expected), _shown(result, actual)
            continue
        for column, left, right in zip(result.columns, expected, actual, strict=True):
            if left != right:
                yield key, column, _text(left), _text(right)


def _pairs(result: TableResult) -> Iterator[tuple[str, Values | None, Values | None]]:
    left = list(result.unexpected)
    for expected in result.missing:
        key = _key(result, expected)
        actual = next((row for row in left if result.keys and _key(result, row) == key), None)
        if actual is not None:
            left.remove(actual)
        yield key, expected, actual
    for actual in left:
        yield _key(result, actual), None, actual


def _key(result: TableResult, row: Values) -> str:
    values = dict(zip(result.columns, row, strict=True))
    return ", ".join(f"{name}={_text(values[name])}" for name in result.keys)


def _shown(result: TableResult, row: Values | None) -> str:
    if row is None:
        return NO_ROW
    return ", ".join(f"{c}={_text(v)}" for c, v in zip(result.columns, row, strict=True))


def _text(value: str | None) -> str:
    return "null" if value is None else value
