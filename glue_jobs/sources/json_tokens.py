r"""Keeps what Spark's parser of JSON would change without a word.

The parser gives a number as text by way of a double (12.10 becomes 12.1, and the eighteenth digit is lost),
and rounds a decimal to the places of its column. It takes a number for a text, and half a surrogate pair for
a question mark. Nearly all texts have nothing of the kind, which one regular expression tells; the others are
parsed once more, with their numbers in quotes or taken out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from pyspark.sql import Column
from pyspark.sql import functions as F

from glue_jobs.contract.sql_literals import literal
from glue_jobs.contract.texts import INTEGRAL_TYPES
from lakehouse.contracts.contract import Column as ContractColumn

_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
# A key that is spelled with an escape may be any key.
_ESCAPED_KEY = r'\\u[0-9a-fA-F]{4}[^"]*+"\s*+:'
_SURROGATE = r"\\u[dD][89a-fA-F]"
_END = r"\s*+[,}\]]"
# What survives as text: another string, a whole number, and as many digits as a double keeps.
_NUMBER = rf'null|"|-?+(?:[0-9]++|(?![0-9.]{{17}})[0-9]++\.[0-9]++){_END}'
# Where a text is wanted: a text, and what is nested, which becomes its text. A number with a fraction, an
# exponent or a sign before zero would be written in another way there.
_TEXT = r'null|"|[{\[](?!(?s:.)*(?:[0-9][.eE]|-0))'
# Up to the next number, true or false outside of a string, from the end of the last one. Possessive loops
# need no stack.
_SCALARS = r'\G((?:[^"0-9tf-]|"(?:[^"\\]|\\.)*+")*+)(-?[0-9][0-9.eE+-]*+|true|false)'
# Noncharacters, which Unicode keeps for such uses, before what was no string; a text that has them in this
# order, by itself or as escapes, is none.
_MARK = "\ufdd0\ufdd1\ufdd0"
_HAS_MARK = r"(?:\ufdd0|\\u[fF][dD][dD]0)(?:\ufdd1|\\u[fF][dD][dD]1)(?:\ufdd0|\\u[fF][dD][dD]0)"
_MARKED, _SENT = literal(f'"{_MARK}([^"]*)"'), literal("$1")
_LOW, _HIGH = r"\\u[dD][c-fC-F][0-9a-fA-F]{2}", r"\\u[dD][89abAB][0-9a-fA-F]{2}"
_BROKEN_ESCAPE = rf"(?<!\\)(?:\\\\)*+(?:{_HIGH}(?!{_LOW})|(?<!{_HIGH}){_LOW}|\\u(?![0-9a-fA-F]{{4}}))"


def is_text(column: ContractColumn) -> bool:
    """Whether a number, true or false is no value of the column, although it could be written as text."""
    return column.type in ("string", "binary")


def is_typed_exactly(text: Column, columns: Iterable[ContractColumn]) -> Column:
    """Whether Spark's parser types each decimal and text of a JSON object exactly, nested values as text."""
    shapes: dict[str, list[str]] = {}
    for column in columns:
        if digits := _DECIMAL.fullmatch(column.type):
            precision, scale = map(int, digits.groups())
            fraction = rf"(?:\.[0-9]{{1,{scale}}}+)?+" if scale else ""
            number = f'null|"?-?+[0-9]{{1,{max(1, precision - scale)}}}+{fraction}"?{_END}'
            shapes.setdefault(number, []).append(column.source_name)
        elif is_text(column) or "<" in column.type:
            shapes.setdefault(_TEXT, []).append(column.source_name)
    return _has_only(text, shapes)


def is_exact_as_text(text: Column, columns: Iterable[ContractColumn], keys: Mapping[str, str]) -> Column:
    """Whether Spark's parser gives each value of a JSON object as the text that was sent.

    `keys`: contract column → key. A double keeps what a column of doubles can hold, so that one is not asked.
    """
    shapes: dict[str, list[str]] = {_NUMBER: [], _TEXT: []}
    for column in columns:
        if _DECIMAL.fullmatch(column.type) or column.type in (*INTEGRAL_TYPES, "float"):
            shapes[_NUMBER].append(keys[column.name])
        elif is_text(column) or "<" in column.type:
            shapes[_TEXT].append(keys[column.name])
    return _has_only(text, shapes)


def with_marked_scalars(text: Column) -> Column:
    """A JSON text whose numbers, true and false are strings: a mark, and what was sent."""
    return F.regexp_replace(text, F.lit(_SCALARS), F.lit(f'$1"{_MARK}$2"'))


def sent(field: str, column_type: str) -> str:
    """The SQL expression of a field of such a text, or of any other, as it was sent."""
    scalar = f"regexp_replace({field}, '^{_MARK}', '')"
    nested = column_type == "string" or "<" in column_type
    return f"regexp_replace({scalar}, {_MARKED}, {_SENT})" if nested else scalar


def scalar_sent(field: str) -> str:
    """A number, true or false as it was sent; null for a text and for what is nested."""
    return f"CASE WHEN startswith({field}, '{_MARK}') THEN substring({field}, {len(_MARK) + 1}) END"


def text_sent(field: str) -> str:
    """As `sent`, for a column of texts: null for a number, true or false."""
    restored = f"CASE WHEN NOT startswith(t, '{_MARK}') THEN regexp_replace(t, {_MARKED}, {_SENT}) END"
    # A variable, since Spark writes the whole expression of the field for each time that it stands here.
    marked = f"transform(array({field}), t -> {restored})[0]"
    return f"CASE WHEN contains({field}, '{_MARK}') THEN {marked} ELSE {field} END"


def has_broken_escape(text: Column) -> Column:
    r"""Whether a JSON text has an escape of no character: \u12, or half a surrogate pair, such as \ud83d.

    After \u12 and its quote Spark's parser goes on with the next key, and the value is null. A text with the
    mark of `with_marked_scalars` counts as one with such an escape.
    """
    has_escape = F.contains(text, F.lit("\\u")) & text.rlike(f"{_BROKEN_ESCAPE}|{_HAS_MARK}")
    return has_escape | F.contains(text, F.lit(_MARK))


def _has_only(text: Column, shapes: Mapping[str, list[str]]) -> Column:
    """Whether each of the keys has a value of its shape, wherever it stands in the text."""
    others = [
        rf'"(?:{"|".join(map(_key, dict.fromkeys(keys)))})"\s*+:\s*+(?!{shape})'
        for shape, keys in shapes.items()
        if keys
    ]
    return ~text.rlike("|".join([*others, _ESCAPED_KEY, _SURROGATE])) if others else F.lit(True)


def _key(name: str) -> str:
    """A key as JSON writes it, for a regular expression."""
    return re.escape(json.dumps(name, ensure_ascii=False)[1:-1]).replace("/", r"\\?/")
