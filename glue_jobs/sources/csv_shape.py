"""The shape of a CSV record, as RFC 4180 defines it. The patterns mean the same to Java and to Python.

A quote opens a value only where the value begins; inside it a quote is doubled. Nothing stands between the
closing quote and the next comma, and a value without quotes around it holds none. A backslash is a character
like any other.
"""

from __future__ import annotations

import re
from functools import cache

from pyspark.sql import Column
from pyspark.sql import functions as F

# Possessive, so that neither engine recurses or goes back: a value may have a hundred million characters.
_QUOTED = '"(?:[^"]++|"")*+"'


def _valid(delimiter: str) -> str:
    value = f'(?:{_QUOTED}|[^"{delimiter}]*+)'
    return f"{value}(?:{re.escape(delimiter)}{value})*+"


def _closed(delimiter: str) -> str:
    # Where Python's csv module ends a record: what follows a closing quote belongs to the value.
    lenient = f'(?:{_QUOTED}[^{delimiter}]*+|[^"{delimiter}][^{delimiter}]*+)?+'
    return f"{lenient}(?:{re.escape(delimiter)}{lenient})*+"


VALID, CLOSED = _valid(","), _closed(",")


@cache
def _patterns(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(_valid(delimiter)), re.compile(_closed(delimiter))


def is_valid(record: str, delimiter: str = ",") -> bool:
    """Whether a record without its line end follows RFC 4180, with its delimiter in place of the comma."""
    return '"' not in record or _patterns(delimiter)[0].fullmatch(record) is not None


def is_open(record: str, delimiter: str = ",") -> bool:
    """Whether a text that begins a record ends inside quotes: its next line belongs to the record too."""
    return '"' in record and _patterns(delimiter)[1].fullmatch(record) is None


def valid_record(line: Column) -> Column:
    """`is_valid` as a column; the patterns are asked only of a line with quotes."""
    return ~F.contains(line, F.lit('"')) | line.rlike(rf"\A{VALID}\z")


def open_record(line: Column) -> Column:
    """`is_open` as a column."""
    return ~valid_record(line) & ~line.rlike(rf"\A{CLOSED}\z")
