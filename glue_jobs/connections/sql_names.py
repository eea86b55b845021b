"""Quotes SQL names, so that no name can hold SQL."""

from __future__ import annotations

from collections.abc import Callable


def quoted(name: str) -> str:
    """One identifier, quoted for Snowflake, Redshift and PostgreSQL. Raises ValueError for "", NUL and %."""
    # The drivers take a % as a bound value.
    if not name or "\0" in name or "%" in name:
        raise ValueError(f"{name!r} is not a valid SQL name")
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def qualified(path: str, fold: Callable[[str], str]) -> str:
    """`schema.table`, quoted part by part.

    `fold`: the warehouse's case of unquoted names, str.upper or str.lower.
    """
    return ".".join(
        quoted(fold(part) if part.replace("_", "").isalnum() else part) for part in path.split(".")
    )
