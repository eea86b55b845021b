"""Computes the tables of generated histories a second time, by DuckDB and in one go."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from tests.histories.changes import Histories

_TYPES = {
    "customers": {
        "customer_id": "BIGINT",
        "city": "VARCHAR",
        "tier": "VARCHAR",
        "is_deleted": "BOOLEAN",
        "updated_at": "TIMESTAMPTZ",
    },
    "sales": {
        "sale_id": "BIGINT",
        "customer_id": "BIGINT",
        "currency": "VARCHAR",
        "amount": "DECIMAL(18,2)",
        "sold_at": "TIMESTAMPTZ",
        "sold_on": "DATE",
        "is_deleted": "BOOLEAN",
        "updated_at": "TIMESTAMPTZ",
    },
    "rates": {
        "currency": "VARCHAR",
        "rate_date": "DATE",
        "rate": "DECIMAL(18,2)",
        "updated_at": "TIMESTAMPTZ",
    },
}


class Oracle:
    """`connection` holds everything that arrived, and the platform's own tables under their names."""

    def __init__(self, histories: Histories) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        for table, types in _TYPES.items():
            columns = ", ".join(f"{name}::{kind} AS {name}" for name, kind in types.items())
            arrived = pa.Table.from_pylist(histories.rows(table))  # noqa: F841 (DuckDB finds it by its name)
            self.connection.execute(f"CREATE TABLE {table} AS SELECT {columns} FROM arrived")

    def take(self, name: str, table: pa.Table) -> None:
        """Makes a table of the platform readable as `name`."""
        self.connection.register(name, table)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()

    @staticmethod
    def columns(table: str) -> list[str]:
        """The columns of what arrived, in their order."""
        return list(_TYPES[table])
