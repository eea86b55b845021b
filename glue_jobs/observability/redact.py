"""Replaces every secret that this process has read by *** in any text that leaves it."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "***"
# A shorter value occurs inside ordinary words, which would show it by what is hidden: it is hidden only as a
# word of its own.
SHORT = 6

_lock = threading.Lock()
_values: set[str] = set()
_pattern: re.Pattern[str] | None = None


def register(values: Iterable[str]) -> None:
    """Hides these values from now on, also as JSON, as part of a URL and in base64."""
    global _pattern
    with _lock:
        _values.update(form for value in values if value.strip() for form in _forms(value))
        # The longest first, so that a secret which holds another one is hidden whole.
        ordered = sorted(_values, key=lambda value: (-len(value), value))
        _pattern = re.compile("|".join(map(_expression, ordered))) if ordered else None


def redact(text: str) -> str:
    """The text with every registered value replaced by ***."""
    pattern = _pattern
    return pattern.sub(HIDDEN, text) if pattern else text


def redact_tree(value: Any) -> Any:
    """A JSON-like value with every string and key redacted; a value that JSON lacks becomes its text."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {redact(str(k)): redact_tree(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_tree(v) for v in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        # A PIN or a numeric password is logged as a number just as easily.
        text = str(value)
        hidden = redact(text)
        return value if hidden == text else hidden
    return redact(str(value))


def _forms(value: str) -> set[str]:
    raw = value.encode()
    forms = {
        value,
        value.strip(),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
    }
    forms |= {quote(value), quote(value, safe=""), quote_plus(value)}
    return forms | (_encodings(raw) if len(value) >= SHORT else set())


def _encodings(raw: bytes) -> set[str]:
    """The bytes in hexadecimal and in base64, there also behind others: `user:password` of a Basic header."""
    forms = {raw.hex(), raw.hex().upper()}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        forms |= {encode(raw).decode(), encode(raw).decode().rstrip("=")}
        for before in (0, 1, 2):
            # Characters that hold bits of a neighbour are cut off: they differ from text to text.
            text = encode(b"\0" * before + raw).decode().rstrip("=")
            whole = len(text) - (1 if (before + len(raw)) % 3 else 0)
            forms.add(text[(0, 2, 3)[before] : whole])
    return forms


def _expression(value: str) -> str:
    escaped = re.escape(value)
    return escaped if len(value) >= SHORT else rf"(?<!\w){escaped}(?!\w)"
