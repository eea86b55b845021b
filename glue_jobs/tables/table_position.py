"""How far a table was read: Delta's id of the table and its version.

Another id, or a smaller version, is a table that was made anew: it is read whole. As JSON a position is
`{"id": "…", "version": 7}`; a bare number is the version of a position of an earlier release, whose id is
unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

from glue_jobs.tables import delta_log

Json = Any


@dataclass(frozen=True)
class TablePosition:
    """`id`: empty where it is unknown. `version`: -1 where there is no table."""

    id: str
    version: int

    def as_json(self) -> dict[str, Json]:
        return {"id": self.id, "version": self.version}

    def is_same_table(self, later: TablePosition) -> bool:
        """Whether `later` is a position of the same table, and not of one made anew."""
        same_id = not self.id or not later.id or self.id == later.id
        return same_id and 0 <= self.version <= later.version


def current(spark: SparkSession, uri: str) -> TablePosition:
    """The newest position of a table."""
    newest = delta_log.snapshot(spark, uri)
    version = int(newest.version())
    return TablePosition(str(newest.metadata().id()) if version >= 0 else "", version)


def parse(position: Json) -> TablePosition | None:
    """The position of a table from its JSON form; None from null."""
    if position is None:
        return None
    if isinstance(position, dict):
        return TablePosition(str(position.get("id", "")), int(position["version"]))
    return TablePosition("", int(position))


def version_of(position: Json) -> int:
    """The version of a position; -1 from null."""
    parsed = parse(position)
    return parsed.version if parsed else -1


def version_read(position: Json, until: Json) -> int | None:
    """The version up to which `until`'s table was read: its changes since then are new.

    None: nothing of this table was read, so that it is read whole.
    """
    last, end = parse(position), parse(until)
    return last.version if last and end and last.is_same_table(end) else None


def is_news(position: Json, until: Json) -> bool:
    """Whether `until` has anything that `position` lacks: another version, or another table."""
    last, end = parse(position), parse(until)
    if last is None or end is None:
        return last is not end
    return last.version != end.version or bool(last.id and end.id and last.id != end.id)
