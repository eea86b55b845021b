"""Objects of JSON as the rows of a sample."""

from __future__ import annotations

import json
from typing import Any

from cli.onboard.sample import Sample


class Number(str):
    """A number of JSON with the digits that were sent."""


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
