"""Judges the header of a CSV file."""

from __future__ import annotations

from collections.abc import Sequence

from lakehouse.contracts import Contract
from lakehouse.contracts.spelling import folded

# They have no width: a name with one looks like the name without it.
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


def trimmed(header: Sequence[str]) -> tuple[str, ...]:
    """The names without what nobody sees around them. A column without a name is called by its number."""
    return tuple(_visible(name) or f"(column {number})" for number, name in enumerate(header, 1))


def _visible(name: str) -> str:
    blanks = "".join(char for char in name if char.isspace()) + _INVISIBLE
    return name.strip(blanks)


def header_fault(header: Sequence[str], contract: Contract) -> str | None:
    """Why no value of the file can be given to a column, or None. `header`: names without blanks."""
    first: dict[str, int] = {}
    for number, name in enumerate(header, 1):
        before = first.setdefault(folded(name), number)
        if before != number:
            return f"has column '{name}' twice in its header, as columns {before} and {number}"
    if first.keys().isdisjoint(folded(column.source_name) for column in contract.columns):
        return "has no column of the contract in its first line"
    return None
