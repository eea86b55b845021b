"""Compares the tables of a drill with those of the world that was never lost, in DuckDB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cli.recovery.region import Region
from lakehouse.contracts import Contract

if TYPE_CHECKING:
    import duckdb


def compare(living: Region, drilled: Region, contracts: Mapping[str, Contract]) -> tuple[int, dict[str, int]]:
    """(rows compared, table → rows that one of the two lacks), by the columns of the contracts.

    Bronze is compared as a set: what was read again since the backup stands in it twice.
    """
    import duckdb

    rows, differences = 0, {}
    for table, contract in contracts.items():
        with duckdb.connect() as connection:
            connection.register("living", _rows(living, table))
            connection.register("drilled", _rows(drilled, table))
            number, lacking = _compare(connection, contract)
        rows += number
        if lacking:
            differences[table] = lacking
    return rows, differences


def _rows(region: Region, table: str) -> Any:
    return region.open(table).to_pyarrow_dataset()


def _compare(connection: duckdb.DuckDBPyConnection, contract: Contract) -> tuple[int, int]:
    kind = "" if contract.lake.write == "append" else " ALL"
    columns = ", ".join(f'"{name}"' for name in contract.column_names)
    one, other = (f"SELECT {columns} FROM {name}" for name in ("living", "drilled"))
    lacking = sum(
        _number(connection, f"SELECT count(*) FROM (({a}) EXCEPT{kind} ({b}))")
        for a, b in ((one, other), (other, one))
    )
    return _number(connection, "SELECT count(*) FROM living"), lacking


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
