"""Whether the first line of a file names its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

# Texts that a name of a column is not: numbers, days and times.
_VALUE = re.compile(
    r"[-+]?[0-9][0-9.,']*([eE][-+]?[0-9]+)?%?|[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}([T ].*)?"
)
_YEAR = re.compile(r"(1[5-9]|20|21)[0-9]{2}")


def has_header(first: Sequence[str], following: Sequence[Sequence[str]]) -> bool:
    """Whether the first record has names where the records after it have numbers, days or times.

    Where no column tells, it is a header. Years above numbers are names, as in tables by year.
    """
    says_header = says_row = False
    for column, cell in enumerate(first):
        values = [row[column] for row in following if len(row) == len(first) and row[column].strip()]
        is_value = bool(_VALUE.fullmatch(cell.strip()))
        if (following and not values) or not cell.strip():
            continue
        if all(_VALUE.fullmatch(value.strip()) for value in values):
            says_header |= not is_value
            says_row |= is_value
    return says_header or not says_row or _are_years(first)


def _are_years(cells: Sequence[str]) -> bool:
    """Whether all numbers among the cells are years one after the other."""
    years = [int(cell) for cell in cells if _YEAR.fullmatch(cell.strip())]
    numbers = [cell for cell in cells if _VALUE.fullmatch(cell.strip())]
    steps = {after - before for before, after in pairwise(years)}
    return len(years) > 1 and len(years) == len(numbers) and len(steps) == 1
