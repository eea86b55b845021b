"""Reads statements by a parser of a warehouse's dialect, for warehouses that no laptop has."""

from __future__ import annotations

import sqlglot
from sqlglot import exp


def parse_copy(sql: str, dialect: str) -> str:
    """A COPY as the parser writes it again. Fails where the parser does not know it as a COPY."""
    (statement,) = sqlglot.parse(sql, read=dialect)
    assert isinstance(statement, exp.Copy), f"not a COPY: {sql}"
    return statement.sql(dialect)
