r"""Types texts, such as the cells of a CSV file: a value is exactly what its text says, or null.

A number is written with ASCII digits, a point and an exponent, with blanks around it or without: what
Python's Decimal reads, too. Java's `12d`, `0x1p3` and `NaN` are none, and no value is rounded to fit its
column. The expressions are SQL, as those of `conditions` are.
"""

from __future__ import annotations

import re

from glue_jobs.contract.nested import typed_json
from glue_jobs.contract.sql_literals import literal
from lakehouse.contracts.nested_types import nested_type

INTEGRAL_TYPES = ("tinyint", "smallint", "int", "bigint")
APPROXIMATE_TYPES = ("float", "double")
NESTED = re.compile(r"(array|map|struct)<")
_CLOCK = r"[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?"
# Java knows no offset of more than 18 hours.
_OFFSET = r"(?:Z|[+-](?:(?:0\d|1[0-7]):?[0-5]\d|18:?00))"
_ANY_OFFSET = r"(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)\z"
# Spark reads '2017' and '2017-1' as dates; a source that sends them means something else. A time of these
# patterns is one that Spark reads as it is meant, and other engines can, too.
TIME_PATTERNS = {
    "date": r"^(?!0000)\d{4}-\d{2}-\d{2}\z",
    "timestamp": (
        r"^(?!0000|(?:0001-01-01.*\+|9999-12-31.*-)(?!00:?00)\d{2}:?\d{2}\z)"
        rf"\d{{4}}-\d{{2}}-\d{{2}}[T ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d{{1,6}})?{_OFFSET}?)?\z"
    ),
}
# A time with an offset, but without seconds, which Spark wants; or with an offset that Java does not know, or
# that may move the time out of the years 1 to 9999.
_WITH_OFFSET = rf"^(?!0000)\d{{4}}-\d{{2}}-\d{{2}}{_CLOCK}{_ANY_OFFSET}"
_YEARS = "BETWEEN -62135596800000000 AND 253402300799999999"
# Significant digits of a number, zeros that pad it apart. More of them would cost Java's decimals minutes.
_DIGITS = "[0-9]{0,5000}+"
_SIGN, _BEGIN, _END = "[+-]?+", r"^[ \t]*+", r"[ \t]*+\z"
_WHOLE = f"{_BEGIN}{_SIGN}[0-9]++{_END}"
_ANY_NUMBER = rf"{_BEGIN}{_SIGN}(?=\.?[0-9])[0-9]*+(?:\.[0-9]*+)?+(?:[eE][+-]?+[0-9]++)?+{_END}"
# Its sign, whole digits, fraction and exponent are groups.
_PARTS = (
    rf"{_BEGIN}({_SIGN})(?=\.?[0-9])0*+({_DIGITS})(?:\.({_DIGITS})0*+)?+"
    rf"(?:[eE]([+-]?+(?=[0-9])0*+[0-9]{{0,4}}+))?+{_END}"
)
# Zero, whatever its exponent is.
_ZERO = rf"{_BEGIN}{_SIGN}(?=\.?0)0*+(?:\.0*+)?+[eE][+-]?+[0-9]++{_END}"


def typed_text(text: str, column_type: str) -> str:
    """The SQL expression of a text as a value of the column's type; null for a text that is no such value.

    `text`: a SQL expression of type string.
    """
    cast = f"try_cast({text} AS {column_type})"
    if column_type in INTEGRAL_TYPES:
        other = f"transform(array({text}), t -> {_decimal('t', 19, 0)})[0]"
        return f"(CASE WHEN {_like(text, _WHOLE)} THEN {cast} ELSE try_cast({other} AS {column_type}) END)"
    if column_type in APPROXIMATE_TYPES:
        return f"(CASE WHEN {_like(text, _ANY_NUMBER)} THEN {cast} END)"
    if column_type == "boolean":
        return f"(CASE {text} WHEN 'true' THEN true WHEN 'false' THEN false END)"
    if column_type in TIME_PATTERNS:
        other = _moment_with_offset(text) if column_type == "timestamp" else ""
        return f"(CASE WHEN {_like(text, TIME_PATTERNS[column_type])} THEN {cast}{other} END)"
    if digits := re.fullmatch(r"decimal\((\d+),(\d+)\)", column_type):
        return _decimal(text, int(digits[1]), int(digits[2]))
    if NESTED.match(column_type):
        return typed_json(text, nested_type(column_type), typed_text)
    return cast


def _moment_with_offset(text: str) -> str:
    """The branch of a CASE for times that no pattern of TIME_PATTERNS takes."""
    offset = literal(r"([+-])(\d{2}):?(\d{2})\z")
    # The clock as if it were in UTC, and how far it is ahead of UTC.
    in_utc = f"regexp_replace(t, {literal(_ANY_OFFSET)}, 'Z')"
    clock = f"regexp_replace({in_utc}, '^(.{{16}})(?=Z)', {literal('$1:00')})"
    hours, minutes = (f"coalesce(try_cast(regexp_extract(t, {offset}, {n}) AS int), 0)" for n in (2, 3))
    ahead = f"IF(regexp_extract(t, {offset}, 1) = '-', -60000000L, 60000000L) * ({hours} * 60 + {minutes})"
    micros = f"unix_micros(try_cast({clock} AS timestamp)) - {ahead}"
    moment = f"transform(array({micros}), m -> CASE WHEN m {_YEARS} THEN timestamp_micros(m) END)[0]"
    return f" WHEN {_like(text, _WITH_OFFSET)} THEN transform(array({text}), t -> {moment})[0]"


def _decimal(text: str, precision: int, scale: int) -> str:
    """The decimal of a text that has no more digits than fit, however it is written."""
    fitting = (
        rf"{_BEGIN}{_SIGN}(?=\.?[0-9])0{{0,400}}+[0-9]{{0,{precision - scale}}}+"
        rf"(?:\.[0-9]{{0,{scale}}}+0{{0,400}}+)?+{_END}"
    )
    kind = f"decimal({precision},{scale})"
    # With variables a text stands here once: Spark writes its whole expression for each time that it does.
    parts = ", ".join(
        f"'{name}', regexp_extract(t, {literal(_PARTS)}, {group})"
        for group, name in enumerate(("sign", "w", "f", "e"), 1)
    )
    significant = "trim(TRAILING '0' FROM concat(p.w, p.f))"
    exponent = "coalesce(try_cast(p.e AS int), 0)"
    # A zero at the end of the digits is a place fewer, as a greater exponent is.
    places = f"length(p.f) - {exponent} - (length(concat(p.w, p.f)) - length({significant}))"
    # Without the zeros that pad it: Java would count each of them.
    short = f"concat(p.sign, p.w, '.', p.f, 'E', {exponent})"
    exact = (
        f"transform(array(named_struct({parts})), p -> CASE WHEN {significant} = '' THEN CAST(0 AS {kind}) "
        f"WHEN {places} <= {scale} THEN try_cast({short} AS {kind}) END)[0]"
    )
    zero = f"WHEN {_like('t', _ZERO)} THEN CAST(0 AS {kind})"
    cases = f"CASE WHEN {_like('t', _PARTS)} THEN {exact} {zero} END"
    in_parts = f"transform(array({text}), t -> {cases})[0]"
    return f"(CASE WHEN {_like(text, fitting)} THEN try_cast({text} AS {kind}) ELSE {in_parts} END)"


def _like(text: str, pattern: str) -> str:
    return f"{text} RLIKE {literal(pattern)}"
