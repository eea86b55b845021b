"""Why a query has no answer, in Athena's words."""

from __future__ import annotations

import re

_CATALOG = "awsdatacatalog"


class QueryError(Exception):
    """The query has no answer; the message is worded as Athena does."""


def missing(name: tuple[str, str]) -> str:
    """(database, table) is not in the catalog."""
    return f"TABLE_NOT_FOUND: line 1:1: Table '{_CATALOG}.{name[0]}.{name[1]}' does not exist"


def worded(message: str) -> str:
    """DuckDB's message in Athena's words, for what people most often get wrong."""
    if column := re.search(r'column "?([\w.]+)"? not found', message, re.IGNORECASE):
        denied = "cannot be resolved or requester is not authorized to access requested resources"
        return f"COLUMN_NOT_FOUND: line 1:1: Column '{column[1]}' {denied}"
    return f"GENERIC_USER_ERROR: {message}"
