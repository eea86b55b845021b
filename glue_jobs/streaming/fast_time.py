"""Parses times of the usual shape, 2017-01-31T10:00:00Z with a fraction or without, faster than Spark does.

Spark takes as long to understand a Z as to read all the rest; without a zone it reads UTC, which the
session's is. The shape is checked by its punctuation, in a fraction of the time of a regular expression.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from glue_jobs.contract.texts import TIME_PATTERNS

# Position in the text → the bytes that may be there.
_PUNCTUATION = {5: (b"-",), 11: (b"T",), 17: (b":",), 20: (b"Z", b".")}
_MIN_LENGTH, _MAX_LENGTH = 20, 27


def parse_time(text: Column, type_name: str) -> Column:
    """The date or timestamp of a text of the usual shape; for another text it may be anything."""
    return text.cast(type_name) if type_name == "date" else _without_last(text).cast(type_name)


def has_usual_shape(text: Column, type_name: str) -> Column:
    """Whether `parse_time` reads the text as it is meant."""
    if type_name == "date":
        return text.rlike(TIME_PATTERNS[type_name])
    length, sent = F.octet_length(text), text.cast("binary")
    usual = (length >= _MIN_LENGTH) & (length <= _MAX_LENGTH) & (F.substring(sent, -1, 1) == F.lit(b"Z"))
    for position, marks in _PUNCTUATION.items():
        # The position of a byte is known; in text, the characters before it would be counted.
        byte = F.substring(sent, position, 1)
        is_mark = byte == F.lit(marks[0])
        usual = usual & (is_mark | (byte == F.lit(marks[-1])) if len(marks) > 1 else is_mark)
    # ISO 8601 has a year 0, other engines have none.
    usual = usual & (F.substring(sent, 1, 4) != F.lit(b"0000"))
    # No zone may precede the Z: the seconds end in a digit, the fraction has nothing but digits.
    digit = F.substring(sent, -2, 1).between(F.lit(b"0"), F.lit(b"9"))
    fraction = F.concat(F.lit("1"), _without_last(text).substr(F.lit(_MIN_LENGTH + 1), F.lit(_MAX_LENGTH)))
    return usual & digit & ((length == _MIN_LENGTH) | fraction.cast("bigint").isNotNull())


def _without_last(text: Column) -> Column:
    return text.substr(F.lit(1), F.octet_length(text) - 1)
