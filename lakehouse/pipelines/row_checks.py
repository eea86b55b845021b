"""Checks a column over all rows of a CSV file."""

from __future__ import annotations

from lakehouse.pipelines import cells
from lakehouse.pipelines.cells import Cells
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import CsvRow


def rows_by(rows: list[CsvRow], column: str) -> dict[str, list[CsvRow]]:
    """Text of the column → its rows, in the order of the file."""
    out: dict[str, list[CsvRow]] = {}
    for row in rows:
        out.setdefault(row.cells.get(column, ""), []).append(row)
    return out


def check_once(column: str, rows: list[CsvRow], faults: Collector) -> None:
    """Notes each value of a column that stands twice."""
    for value, same in rows_by(rows, column).items():
        for row in same[1:] if value else []:
            Cells(row, faults).note(
                "LK305", column, f"'{value}' stands twice, first in line {same[0].line}", "each once", value
            )


def check_targets(column: str, rows: list[CsvRow], ids: list[str], faults: Collector) -> None:
    """Notes each id of a column that points to no row."""
    for row in rows:
        value = row.cells.get(column, "")
        # Only dependencies are several: ',' as an id would point to nothing, and say so to nobody.
        for target in cells.items(value) if column == "dependencies" else [value] if value else []:
            if target not in ids:
                Cells(row, faults).note(
                    "LK310",
                    column,
                    f"names '{target}', which does not exist",
                    "an id of the same pipeline",
                    target,
                    ids,
                )
