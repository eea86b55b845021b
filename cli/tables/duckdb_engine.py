"""DuckDB over the Delta tables of an environment, which reaches nothing else of the machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from glue_jobs.errors import RunError
from lakehouse.pipelines.sql_catalogs import LAYERS

if TYPE_CHECKING:
    import duckdb

# No file, no network, no extension, no variable of this process; and no query can switch it on again.
SETTINGS: tuple[tuple[str, str], ...] = (
    ("autoinstall_known_extensions", "false"),
    ("autoload_known_extensions", "false"),
    ("python_enable_replacements", "false"),
    ("enable_external_access", "false"),
    ("lock_configuration", "true"),
)
# `<layer>.<table>` → its rows, as an Arrow dataset.
OpenTable = Callable[[str], Any]


def run_query(sql: str, open_table: OpenTable) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns and rows of a query.

    Each table that it names as `<layer>.<table>`, or by a database name that pipelines use (`silver_db`), is
    opened by `open_table`. Raises RunError (RUN060) with DuckDB's own message.
    """
    import duckdb

    connection = duckdb.connect()
    try:
        for database, table in named_tables(sql):
            _register(connection, database, table, open_table)
        for name, value in SETTINGS:
            connection.execute(f"SET {name} = {value}")
        result = connection.execute(sql)
        return [column[0] for column in result.description or []], result.fetchall()
    except duckdb.Error as error:
        raise RunError(str(error).splitlines()[0], code="RUN060") from None
    finally:
        connection.close()


def named_tables(sql: str) -> list[tuple[str, str]]:
    """(database, table) of every table of a layer that a query reads, as the query spells them, each once.

    Text, aliases, columns and names of a WITH are no tables. Nothing for text that is no SQL, which DuckDB
    reports.
    """
    try:
        statements = sqlglot.parse(sql, dialect="duckdb")
    except SqlglotError:
        return []
    tables = {
        (table.db, table.name): None
        for statement in statements
        if statement
        for table in statement.find_all(exp.Table)
        if table.db.lower() in LAYERS and not table.catalog and table.name
    }
    return sorted(tables)


def _register(
    connection: duckdb.DuckDBPyConnection, database: str, table: str, open_table: OpenTable
) -> None:
    rows = open_table(f"{LAYERS[database.lower()]}.{table.lower()}")
    view = f"{exp.to_identifier(database, quoted=True)}.{exp.to_identifier(table, quoted=True)}"
    source = exp.to_identifier(f"_{database}_{table}", quoted=True)
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {exp.to_identifier(database, quoted=True)}")
    connection.register(f"_{database}_{table}", rows)
    connection.execute(f"CREATE OR REPLACE VIEW {view} AS SELECT * FROM {source}")
