"""JSON that people write or edit, where nothing may be passed over."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn


def strict_json(text: str, parse_float: Callable[[str], Any] = float) -> Any:
    """The value of a JSON text.

    Raises ValueError, which quotes no value, for text that is no JSON: NaN too, half of a character, and an
    object with a key that stands twice, of which Python would keep the last one.
    """
    try:
        value = json.loads(
            text, parse_float=parse_float, parse_constant=no_number, object_pairs_hook=_each_once
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON: {error.msg}") from None
    except RecursionError:
        raise ValueError("nested too deep") from None
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise ValueError("no JSON: half of a character") from None
    return value


def no_number(name: str) -> NoReturn:
    """Refuses NaN and Infinity, which Python reads and JSON lacks."""
    raise ValueError(f"no JSON: {name} is no number")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise ValueError(f"its key '{key}' stands twice")
        values[key] = value
    return values
