"""Objects of JSON as the rows of a sample."""

from __future__ import annotations

import json
from typing import Any

from cli.onboard.sample import Sample
from glue_jobs.sources.file_text import is_utf8
from lakehouse.contracts.spelling import folded
from lakehouse.reading.strict_json import no_number


class Number(str):
    """A number of JSON with the digits that were sent."""


def json_object(text: str) -> dict[str, Any] | None:
    """The object that a text is, as the ingest reads it; None for any other text, or a dialect of JSON."""
    try:
        value = json.loads(text, parse_float=Number, parse_int=Number, parse_constant=no_number)
        # An escape may be half of a surrogate pair.
        shown = json.dumps(value, ensure_ascii=False) if "\\u" in text else text
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and is_utf8(shown) else None


class KeyNames:
    """The spelling in which a key came first: in files, spellings of a key are one column."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}

    def of_contract(self, row: dict[str, Any] | None) -> dict[str, Any] | None:
        """The row under these names; None where it has a key in two spellings, as the ingest rejects it."""
        named = {self._first.setdefault(folded(key), key): value for key, value in (row or {}).items()}
        return named if row is not None and len(named) == len(row) else None


def json_sample(form: str, rows: list[dict[str, Any]], broken: int, *, whole: bool) -> Sample:
    """The sample of objects whose numbers are `Number`s."""
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    kinds: dict[str, set[str]] = {
        name: {_kind(row[name]) for row in rows if row.get(name) is not None} for name in columns
    }
    texts = [tuple(_text(row.get(name)) for name in columns) for row in rows]
    return Sample({"format": form}, columns, texts, broken, whole, kinds)


def _kind(value: object) -> str:
    if isinstance(value, Number):
        return "number"
    return {bool: "boolean", str: "string"}.get(type(value), "nested")


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
