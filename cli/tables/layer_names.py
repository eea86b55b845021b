"""The tables of layers that a query names, and the same query with the names of an engine's databases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lakehouse.pipelines.sql_catalogs import LAYERS

# What sqlglot does not look into: a plan of a query has the tables of the query.
_EXPLAIN = re.compile(r"\s*EXPLAIN\b(?:\s+ANALYZE\b|\s+VERBOSE\b|\s*\([^()]*\))*\s*", re.IGNORECASE)
# A query of all rows of a table, `TABLE name`, to sqlglot a column with an alias.
_TABLE = re.compile(r'\s*TABLE\s+(\w+|"[^"]+")\s*\.\s*(\w+|"[^"]+")\s*;?\s*', re.IGNORECASE)


def named_tables(sql: str, dialect: str) -> list[tuple[str, str]]:
    """(database, table) of every table of a layer that a query reads, as the query spells them, each once.

    Text, aliases, columns and names of a WITH are no tables. Nothing for text that is no SQL, which the
    engine reports.
    """
    if whole := _TABLE.fullmatch(sql):
        database, table = (part.strip('"') for part in whole.groups())
        return [(database, table)] if database.lower() in LAYERS else []
    return sorted({(table.db, table.name) for table, _ in _tables(sql, dialect)})


def with_databases(sql: str, dialect: str, database: Callable[[str], str]) -> str:
    """The query with `database(layer)` for each name of a layer that stands before a table."""
    replaced: dict[int, tuple[int, str]] = {}
    tables = set()
    for table, offset in _tables(sql, dialect, with_catalog=True):
        tables.add((table.db.lower(), table.name.lower()))
        _replace(table.args["db"], offset, database, replaced)
    for column, offset in _nodes(sql, dialect, exp.Column):
        layer = column.args.get("db")
        if layer is not None and (layer.name.lower(), column.table.lower()) in tables:
            _replace(layer, offset, database, replaced)
    pieces, end = [], 0
    for start, (stop, name) in sorted(replaced.items()):
        pieces += [sql[end:start], name]
        end = stop
    return "".join([*pieces, sql[end:]])


def _tables(sql: str, dialect: str, *, with_catalog: bool = False) -> Iterator[tuple[Any, int]]:
    for table, offset in _nodes(sql, dialect, exp.Table):
        if table.db.lower() in LAYERS and table.name and (with_catalog or not table.catalog):
            yield table, offset


def _nodes(sql: str, dialect: str, kind: type[exp.Expression]) -> Iterator[tuple[Any, int]]:
    """The nodes of a kind, and what is to be added to their offsets."""
    explain = _EXPLAIN.match(sql)
    offset = explain.end() if explain else 0
    try:
        statements = sqlglot.parse(sql[offset:], dialect=dialect)
    except SqlglotError:
        return
    for statement in statements:
        if statement is not None:
            yield from ((node, offset) for node in statement.find_all(kind))


def _replace(
    layer: Any, offset: int, database: Callable[[str], str], replaced: dict[int, tuple[int, str]]
) -> None:
    name = database(LAYERS[layer.name.lower()])
    start, end = layer.meta["start"] + offset, layer.meta["end"] + offset + 1
    replaced[start] = (end, f'"{name}"' if layer.args.get("quoted") else name)
