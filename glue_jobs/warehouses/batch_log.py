"""The table `_batches` of a Lakebase schema: which batches of a stream were written, and their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glue_jobs.connections.sql_names import quoted
from glue_jobs.warehouses.postgres_table import LakebaseTable

if TYPE_CHECKING:
    import psycopg

BATCHES = "_batches"
# Older entries of a stream are deleted: a retry is never that far behind.
_RETAINED_BATCHES = 1000
_EXISTS = "SELECT to_regclass(%s)"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def create(connection: psycopg.Connection[Any], schema: str) -> None:
    """Creates the schema and its `_batches` where they are missing. Runs in the caller's transaction."""
    if not fetch_row(connection, "SELECT count(*) FROM pg_namespace WHERE nspname = %s", schema)[0]:
        connection.execute(_LOCK, (schema,))
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
    if fetch_row(connection, _EXISTS, _name(schema))[0] is None:
        # The first batches of two tables of a schema may come at the same time.
        connection.execute(_LOCK, (schema,))
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS {_name(schema)} "
            "(stream text, table_name text, batch bigint, rows bigint NOT NULL, "
            "written_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (stream, table_name, batch))"
        )


def recorded(
    connection: psycopg.Connection[Any], table: LakebaseTable, stream: str, batch: int
) -> tuple[int | None] | None:
    """(rows that the batch wrote,) when this or a later batch of the stream is recorded; else None.

    The rows are None when only a later batch is recorded. A later one implies this one: Spark begins a batch
    when the one before it is done.
    """
    newest, rows = fetch_row(
        connection,
        f"SELECT max(batch), max(rows) FILTER (WHERE batch = %s) FROM {_name(table.schema)} "
        "WHERE stream = %s AND table_name = %s",
        batch,
        stream,
        table.contract.name,
    )
    return (rows,) if newest is not None and newest >= batch else None


def record(
    connection: psycopg.Connection[Any], table: LakebaseTable, stream: str, batch: int, rows: int
) -> None:
    """Records a batch in the transaction that writes its rows, and deletes entries that no retry needs."""
    name = table.contract.name
    connection.execute(
        f"INSERT INTO {_name(table.schema)} (stream, table_name, batch, rows) VALUES (%s, %s, %s, %s)",
        (stream, name, batch, rows),
    )
    connection.execute(
        f"DELETE FROM {_name(table.schema)} WHERE stream = %s AND table_name = %s AND batch < %s",
        (stream, name, batch - _RETAINED_BATCHES),
    )


def lock(connection: psycopg.Connection[Any], table: LakebaseTable) -> None:
    """Admits one writer of the table until the transaction ends; readers go on.

    Two writers would wait for each other's rows in different orders.
    """
    connection.execute(_LOCK, (table.sql.name,))


def fetch_row(connection: psycopg.Connection[Any], sql: str, *values: Any) -> tuple[Any, ...]:
    """The one row of a query."""
    row: tuple[Any, ...] | None = connection.execute(sql, values or None).fetchone()
    assert row is not None, "an aggregate or EXISTS always returns a row"
    return row


def _name(schema: str) -> str:
    return f"{quoted(schema)}.{quoted(BATCHES)}"
