"""The rows and columns of a table that a caller sees, as a query over the whole of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from local_aws.athena.query_error import QueryError
from local_aws.athena.table_access import EVERY_ROW, TableAccess

# (location of the table, (database, table), its columns) → what the caller may read; None is all of it.
Access = Callable[[str, tuple[str, str], list[str]], TableAccess | None]


def visible_rows(relation: str, name: tuple[str, str], columns: list[str], access: TableAccess | None) -> str:
    """A query of DuckDB over `relation`, which has all rows of the table `name`.

    A column that is seen in some of the rows only is null in the others. Raises QueryError where nothing may
    be read.
    """
    if access is None:
        return f"SELECT * FROM {relation}"
    if not access.described:
        raise QueryError(
            "Insufficient permissions to execute the query. Principal does not have any privilege on "
            f"specified resource: {name[0]}.{name[1]}"
        )
    if not access.rows:
        raise QueryError("COLUMN_NOT_FOUND: line 1:1: SELECT * not allowed from relation that has no columns")
    everywhere = frozenset[str]().union(*access.rows.values())
    seen = [_column(column, access.rows[column], everywhere) for column in columns if column in access.rows]
    return f"SELECT {', '.join(seen)} FROM {relation} WHERE {_any(everywhere)}"


def _column(name: str, conditions: frozenset[str], everywhere: frozenset[str]) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    if conditions == everywhere or EVERY_ROW in conditions:
        return quoted
    return f"CASE WHEN {_any(conditions)} THEN {quoted} END AS {quoted}"


def _any(conditions: Iterable[str]) -> str:
    """The condition of DuckDB that one of Athena's holds."""
    import sqlglot

    if EVERY_ROW in (parts := sorted(conditions)):
        return "true"
    return " OR ".join(f"({sqlglot.transpile(part, read='athena', write='duckdb')[0]})" for part in parts)
