"""Judges the header of a CSV file."""

from __future__ import annotations

from collections.abc import Sequence

from lakehouse.contracts import Contract


def trimmed(header: Sequence[str]) -> tuple[str, ...]:
    """The names without blanks around them. A column without a name is called by its number."""
    return tuple(name.strip() or f"(column {number})" for number, name in enumerate(header, 1))


def header_fault(header: Sequence[str], contract: Contract) -> str | None:
    """Why no value of the file can be given to a column, or None. `header`: names without blanks."""
    first: dict[str, int] = {}
    for number, name in enumerate(header, 1):
        before = first.setdefault(name.casefold(), number)
        if before != number:
            return f"has column '{name}' twice in its header, as columns {before} and {number}"
    if first.keys().isdisjoint(column.source_name.casefold() for column in contract.columns):
        return "has no column of the contract in its first line"
    return None
