"""A column as a line: `TYPE[?] [key] [optional] [word=value …] | description`."""

from __future__ import annotations

import json
import re
from typing import Any

from lakehouse.contracts.short.column_types import DERIVED, TYPE_NAMES, type_of

BAR = "|"
FLAGS = ("key", "optional")
# Words whose value is a number, a text, or several of either.
NUMBERS = ("min", "max", "above", "below", "min_length", "max_length")
TEXTS = ("pattern", "format", "source", "date_format", "mask", "reference")
LISTS = ("enum", "examples", "from")
WORDS = (*NUMBERS, *TEXTS, *LISTS)
SHAPE = "TYPE[?] [key] [optional] [word=value …] | description"

_TOKEN = re.compile(r'\s*(?:(?P<word>\w+)=(?P<value>"(?:[^"\\]|\\.)*"|\S+)|(?P<plain>\S+))')
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_PLAIN_VALUE = re.compile(r'[^\s"]\S*')


class LineError(ValueError):
    """A line that is no column. `among`: the words that may stand there."""

    def __init__(self, message: str, wanted: str, value: str, among: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.wanted, self.value, self.among = wanted, value, among


def parse_line(text: str) -> dict[str, Any]:
    """The keys of a `ShortColumn` that the line states. A word that is none of them is a tag.

    Raises LineError.
    """
    column: dict[str, Any] = {}
    at, end = 0, len(text.rstrip())
    while at < end:
        token = _TOKEN.match(text, at)
        assert token is not None
        at = token.end()
        if token["plain"] == BAR:
            column["description"] = text[at:].strip()
            break
        _take(token["word"], token["value"], token["plain"], column)
    if not column.get("description"):
        raise LineError(f"'{text}' has no description", SHAPE, text)
    return column


def _take(word: str | None, value: str, plain: str, column: dict[str, Any]) -> None:
    if "type" not in column:
        if plain is None or (plain != DERIVED and type_of(plain) is None):
            shown = plain or f"{word}={value}"
            raise LineError(f"'{shown}' is no type", f"one of {', '.join(TYPE_NAMES)}", shown, TYPE_NAMES)
        column["type"] = plain
    elif word is None:
        if plain not in FLAGS:
            expected = f"{', '.join(FLAGS)}, a word with =, or | and the description"
            raise LineError(f"'{plain}' is no word of a column", expected, plain, (*FLAGS, *WORDS))
        column[plain] = True
    elif word in column or word in column.get("tags", {}):
        raise LineError(f"'{word}' stands twice", "each word once", word)
    elif word in WORDS:
        column[word] = _value(word, _text(value), column["type"])
    else:
        column.setdefault("tags", {})[word] = _text(value)


def _text(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        raise LineError(f"{value} is no quoted text", "a JSON string", value) from None


def _value(word: str, text: str, kind: str) -> Any:
    if word in NUMBERS:
        return _number(text)
    if word == "from":
        return text.split(",")
    if word not in LISTS:
        return text
    json_type = (type_of(kind) or {}).get("type", "string")
    first = json_type[0] if isinstance(json_type, list) else json_type
    typed = {"integer": _number, "number": _number, "boolean": _truth}.get(first, str)
    return [typed(part) for part in text.split(BAR)]


def _number(text: str) -> int | float:
    if not _NUMBER.fullmatch(text):
        raise LineError(f"'{text}' is no number", "a number", text)
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise LineError(f"'{text}' is neither true nor false", "true or false", text, ("true", "false"))
    return text == "true"


def write_line(column: dict[str, Any]) -> str | None:
    """The line of a column's keys; None where no line says the same."""
    parts = [column["type"], *(flag for flag in FLAGS if column.get(flag))]
    for word, value in {**column.get("tags", {}), **column}.items():
        if word in ("type", "description", "tags", *FLAGS):
            continue
        text = _written(word, value)
        plain = _PLAIN_VALUE.fullmatch(text)
        parts.append(f"{word}={text if plain else json.dumps(text, ensure_ascii=False)}")
    line = f"{' '.join(parts)} {BAR} {column['description']}"
    try:
        return line if parse_line(line) == column else None
    except LineError:
        return None


def _written(word: str, value: Any) -> str:
    if not isinstance(value, list):
        return value if isinstance(value, str) else json.dumps(value)
    separator = "," if word == "from" else BAR
    return separator.join(part if isinstance(part, str) else json.dumps(part) for part in value)
