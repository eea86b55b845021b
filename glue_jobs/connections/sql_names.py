"""SQL names, quoted so that no name can be more than a name."""

from __future__ import annotations

from collections.abc import Callable


def quoted(name: str) -> str:
    """One identifier, as Snowflake, Redshift and PostgreSQL quote it."""
    # A % would be read as the place of a bound value.
    if not name or "\0" in name or "%" in name:
        raise ValueError(f"{name!r} is no SQL name")
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def qualified(path: str, fold: Callable[[str], str]) -> str:
    """`schema.table` quoted part by part. `fold` is what the warehouse does to an unquoted name: str.upper or str.lower."""
    return ".".join(
        quoted(fold(part) if part.replace("_", "").isalnum() else part) for part in path.split(".")
    )
