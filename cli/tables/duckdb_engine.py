"""DuckDB over the Delta tables of an environment, which reaches nothing else of the machine."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from cli.tables.layer_names import named_tables
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
# DuckDB's kinds of statements that only read.
_QUERIES = ("SELECT", "EXPLAIN")
_PIVOT = re.compile(r"\s*(?:WITH|FROM|PIVOT|SELECT)\b", re.IGNORECASE)
# Functions that run a text as a query, or change what this process does: a profile is written to any file,
# whatever the settings say.
_CALL = re.compile(
    r"""\b(query|query_table|json_execute_serialized_sql|checkpoint|force_checkpoint|truncate_duckdb_logs
    |(?:enable|disable)_\w+)"?(?:\s|/\*.*?\*/|--[^\n]*\n)*\(""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
# A state of a table is named behind its `@`: cli/tables/time_travel.py.
_TABLE = re.compile(r"\w+(@[^/]+)?", re.ASCII)
# `<layer>.<table>` → its rows, as an Arrow dataset.
OpenTable = Callable[[str], Any]


class QueryError(RunError):
    """A text that is no query, or names what is not there."""

    code = "RUN060"
    exit_code = 2


def run_query(sql: str, open_table: OpenTable) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns and rows of a query.

    Each table that it names as `<layer>.<table>`, or by a database name that pipelines use (`silver_db`), is
    opened by `open_table`. Raises RunError (RUN060) with DuckDB's own message.
    """
    import duckdb

    connection = duckdb.connect()
    try:
        _check_one_query(connection, sql)
        for database, table in named_tables(sql, "duckdb"):
            _register(connection, database, table, open_table)
        for name, value in SETTINGS:
            connection.execute(f"SET {name} = {value}")
        result = connection.execute(sql)
        return [column[0] for column in result.description or []], result.fetchall()
    except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException) as error:
        raise QueryError(_message(error)) from None
    except duckdb.Error as error:
        raise RunError(_message(error), code="RUN060") from None
    finally:
        connection.close()


def _message(error: Exception) -> str:
    """What DuckDB says is wrong, and what it would know. Further lines repeat the query."""
    first, *more = str(error).splitlines()
    hints = (line.strip() for line in more if line.startswith(("Candidate", "Did you mean")))
    return " ".join([first, *hints])


def _check_one_query(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raises QueryError unless the text is one query, by DuckDB's own parser.

    Of several only the last would be shown, and what a statement changes here is gone afterwards.
    """
    kinds = [statement.type.name for statement in connection.extract_statements(sql)]
    # PIVOT is two statements: the first one finds the names of the columns.
    if len(kinds) == 2 and kinds[0] == "CREATE" and _PIVOT.match(sql):
        kinds = kinds[1:]
    if not kinds:
        raise QueryError("there is no query")
    if len(kinds) > 1:
        raise QueryError(f"there are {len(kinds)} statements; wanted one query")
    if kinds[0] not in _QUERIES:
        raise QueryError(f"{kinds[0]} is no query, and would change no table; wanted SELECT")
    if call := _CALL.search(sql):
        raise QueryError(f"{call[1]}(…) does more than read tables; wanted a query over tables")


def _register(
    connection: duckdb.DuckDBPyConnection, database: str, table: str, open_table: OpenTable
) -> None:
    if not _TABLE.fullmatch(table):
        raise QueryError(f"'{table}' is no name of a table; wanted letters, digits and _")
    rows = open_table(f"{LAYERS[database.lower()]}.{table.lower()}")
    view = f"{exp.to_identifier(database, quoted=True)}.{exp.to_identifier(table, quoted=True)}"
    source = exp.to_identifier(f"_{database}_{table}", quoted=True)
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {exp.to_identifier(database, quoted=True)}")
    connection.register(f"_{database}_{table}", rows)
    connection.execute(f"CREATE OR REPLACE VIEW {view} AS SELECT * FROM {source}")
