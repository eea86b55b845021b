"""Writes values of a contract as Spark SQL literals."""

from __future__ import annotations

from typing import Any


def literal(value: Any) -> str:
    """A text, number or boolean of a contract as a Spark SQL literal."""
    if isinstance(value, str):
        # Spark would substitute a setting for ${…}.
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("$", "\\u0024")
        return f"'{escaped}'"
    return f"{value!r}D" if isinstance(value, float) else str(value)
