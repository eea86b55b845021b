"""The shape of a CSV record, as RFC 4180 defines it. The patterns mean the same to Java and to Python.

A quote opens a value only where the value begins; inside it a quote is doubled. Nothing stands between the
closing quote and the next comma, and a value without quotes around it holds none. A backslash is a character
like any other.
"""

from __future__ import annotations

import re

from pyspark.sql import Column
from pyspark.sql import functions as F

# Possessive, so that neither engine recurses or goes back: a value may have a hundred million characters.
_QUOTED = '"(?:[^"]++|"")*+"'
VALID = f'(?:{_QUOTED}|[^",]*+)(?:,(?:{_QUOTED}|[^",]*+))*+'
# Where Python's csv module ends a record: what follows a closing quote belongs to the value.
_LENIENT = f'(?:{_QUOTED}[^,]*+|[^",][^,]*+)?+'
CLOSED = f"{_LENIENT}(?:,{_LENIENT})*+"

_VALID, _CLOSED = re.compile(VALID), re.compile(CLOSED)


def is_valid(record: str) -> bool:
    """Whether a record without its line end follows RFC 4180."""
    return '"' not in record or _VALID.fullmatch(record) is not None


def is_open(record: str) -> bool:
    """Whether a text that begins a record ends inside quotes: its next line belongs to the record too."""
    return '"' in record and _CLOSED.fullmatch(record) is None


def valid_record(line: Column) -> Column:
    """`is_valid` as a column; the patterns are asked only of a line with quotes."""
    return ~F.contains(line, F.lit('"')) | line.rlike(rf"\A{VALID}\z")


def open_record(line: Column) -> Column:
    """`is_open` as a column."""
    return ~valid_record(line) & ~line.rlike(rf"\A{CLOSED}\z")
