"""Where watermarks stand after tables were restored: never ahead of the tables, and with higher numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.recovery.exports import Export
from cli.recovery.region import Region
from glue_jobs.state.watermark import Watermarks, WatermarkState
from lakehouse.contracts import load_schemas
from lakehouse.pipelines import Job
from lakehouse.pipelines.watermark_owners import owner_of, watermark_owners

if TYPE_CHECKING:
    from deltalake import DeltaTable

Json = Any


@dataclass(frozen=True)
class Move:
    """A watermark, and where a restore sets it."""

    key: str
    before: WatermarkState
    position: Json
    batch: int


def moves(
    target: Region, jobs: Iterable[Job], export: Export, tables: Mapping[str, DeltaTable]
) -> Iterator[Move]:
    """The watermarks that change when `tables` (name → as restored) are at their versions.

    The watermark of a restored table goes back to the export's position, so that what came since is read
    again; its number is the highest that the table has seen. A watermark of another table that has read a
    restored one beyond its version reads it whole: the same numbers will stand for other commits.
    """
    owners = watermark_owners(jobs, load_schemas())
    exported = {facts["key"]: WatermarkState(**facts) for facts in export.watermarks}
    current = {state.key: state for state in Watermarks(target.env).list()}
    for key in sorted({*exported, *current}):
        owner, before = owner_of(key, owners), current.get(key, WatermarkState(key))
        table = owner.table if owner else ""
        visited = max((_number(delta, key) for delta in tables.values()), default=0)
        if table in tables and key in exported:
            position = _position(exported[key], _number(tables[table], key))
        elif table in tables:
            position = None
        else:
            position = before.position
        position = _within(position, tables)
        batch = max(before.batch, visited, exported[key].batch if key in exported else 0)
        settled = before.pending is None or table not in tables
        if (position, batch) != (before.position, before.batch) or not settled:
            yield Move(key, before, position, batch)


def _position(exported: WatermarkState, written: int) -> Json:
    """The exported position; the end of its pending batch where the table has that batch already."""
    done = exported.pending is not None and written >= exported.batch
    return exported.pending if done else exported.position


def _within(position: Json, tables: Mapping[str, DeltaTable]) -> Json:
    if not isinstance(position, dict):
        return position
    return {
        name: value
        for name, value in position.items()
        if name not in tables
        or not isinstance(value, dict)
        or int(value.get("version", -1)) <= tables[name].version()
    }


def _number(delta: DeltaTable, key: str) -> int:
    return delta.transaction_version(key) or 0


def set_watermark(target: Region, key: str, position: Json, batch: int) -> None:
    """Moves one watermark. The position stays JSON as it was exported."""
    Watermarks(target.env).open(key).restore(position, batch)
