"""The options that several `lakehouse dr` commands share: tables, and the export that they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.common import unknown

if TYPE_CHECKING:
    from cli.recovery.exports import Export

Tables = Annotated[
    list[str] | None, typer.Option("--table", help="<layer>.<table>; all of them when left out.")
]
ExportId = Annotated[
    str | None, typer.Option("--export", metavar="ID", help="The export; the newest one when left out.")
]

BackupTime = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help="The newest backup not younger than this.")
]


def named_tables(table: list[str] | None) -> list[str]:
    """The tables that were named, or all. Raises BadParameter for one that there is not."""
    from lakehouse.contracts import load_schemas

    # The Lakebase is restored from its backup: PostgreSQL knows what is whole.
    tables = sorted(load_schemas().on_lake)
    for name in table or []:
        if name not in tables:
            raise unknown("table", name, tables)
    return table or tables


def exported_tables(stored: Export, table: list[str] | None) -> list[str]:
    """The tables that were named, or all of an export. Raises BadParameter for one that it lacks."""
    for name in table or []:
        if name not in stored.tables:
            raise unknown("table", name, list(stored.tables))
    return table or list(stored.tables)
