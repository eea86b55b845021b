"""Judges the header of a CSV file."""

from __future__ import annotations

from collections.abc import Sequence

from lakehouse.contracts import Contract
from lakehouse.contracts.file_forms import CsvForm
from lakehouse.contracts.spelling import folded

# They have no width: a name with one looks like the name without it.
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


def trimmed(header: Sequence[str]) -> tuple[str, ...]:
    """The names without what nobody sees around them. A column without a name is called by its number."""
    return tuple(_visible(name) or f"(column {number})" for number, name in enumerate(header, 1))


def _visible(name: str) -> str:
    blanks = "".join(char for char in name if char.isspace()) + _INVISIBLE
    return name.strip(blanks)


def positional_names(contract: Contract) -> tuple[str, ...]:
    """The names of columns by position, where the source states them or its files have no header."""
    form = contract.lake.source.csv_form if contract.lake.source else CsvForm()
    if form.header and not form.columns:
        return ()
    return tuple(form.columns) or tuple(column.source_name for column in contract.columns)


def header_fault(header: Sequence[str], contract: Contract) -> str | None:
    """Why no value of the file can be given to a column, or None. `header`: names without blanks."""
    stated = positional_names(contract)
    if stated:
        has_header = contract.lake.source is not None and contract.lake.source.csv_form.header
        differs = has_header and len(header) != len(stated)
        return f"has {len(header)} columns in its header; its source names {len(stated)}" if differs else None
    first: dict[str, int] = {}
    for number, name in enumerate(header, 1):
        before = first.setdefault(folded(name), number)
        if before != number:
            return f"has column '{name}' twice in its header, as columns {before} and {number}"
    if first.keys().isdisjoint(folded(column.source_name) for column in contract.columns):
        return "has no column of the contract in its first line"
    return None
