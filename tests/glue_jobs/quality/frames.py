"""One wide schema for the tests of single rules, and rows of it that state only what matters."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

SCHEMA = (
    "id int, name string, n int, price decimal(18,4), ratio double, at timestamp, day date, "
    "valid_from timestamp, valid_to timestamp, flag boolean"
)
COLUMNS = [c.split()[0] for c in SCHEMA.split(", ")]


def row(id_: int | None, **values: Any) -> tuple[Any, ...]:
    """A row with these values, and null in every other column."""
    return tuple({"id": id_, **values}.get(c) for c in COLUMNS)


def rows(column: str, *values: Any) -> list[tuple[Any, ...]]:
    """One row per value, with ids from 1."""
    return [row(i, **{column: v}) for i, v in enumerate(values, 1)]


def ts(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day(text: str) -> date:
    return date.fromisoformat(text)
