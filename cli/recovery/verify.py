"""Verifies an export: every file is there as it was exported, and each table opens at its version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cli.recovery.export import checksums
from cli.recovery.export_plan import row_count
from cli.recovery.exports import Export, ExportedTable, export_folder
from cli.recovery.region import Region
from cli.tables.storage import storage_options


@dataclass(frozen=True)
class Verdict:
    """What is wrong with a table of an export; `faults` is empty when nothing is."""

    table: str
    version: int
    files: int
    rows: int | None
    faults: tuple[str, ...]


def verify(region: Region, export: Export, tables: Sequence[str]) -> list[Verdict]:
    """The verdict on each table. Reads no row: S3 keeps a checksum of each object's bytes."""
    return [
        Verdict(
            name, table.version, len(table.files), table.rows, tuple(_faults(region, export, name, table))
        )
        for name, table in export.tables.items()
        if name in tables
    ]


def _faults(region: Region, export: Export, name: str, table: ExportedTable) -> tuple[str, ...]:
    stored = checksums(region, export.id, name)
    missing = [file.key for file in table.files if file.key not in stored]
    changed = [f.key for f in table.files if f.key in stored and stored[f.key] != f.sha256]
    faults = [f"{len(missing)} files are missing, such as {missing[0]}"] if missing else []
    faults += [f"{len(changed)} files were changed, such as {changed[0]}"] if changed else []
    return tuple(faults or _opens(region, export, name, table))


def _opens(region: Region, export: Export, name: str, table: ExportedTable) -> Iterator[str]:
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    uri = str(export_folder(region.env, export.id, name)).rstrip("/")
    try:
        delta = DeltaTable(uri, storage_options=storage_options(region.env))
    except (DeltaError, OSError) as error:
        yield f"its log cannot be read: {error}"
        return
    if delta.version() != table.version:
        yield f"its log is at version {delta.version()}"
    if row_count(delta) != table.rows:
        yield f"it has {row_count(delta)} rows"
