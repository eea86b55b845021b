"""Parses a query by sqlglot, once for all checks of it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import sqlglot

# The function of time windows is a reserved word to sqlglot; as long a word keeps the offsets.
_WINDOW = re.compile(r"\bwindow(?=\s*\()", re.IGNORECASE)


@lru_cache(maxsize=256)
def tree_of(query: str) -> Any:
    """The tree of a query of Spark SQL, which nobody may change. Raises SqlglotError and RecursionError."""
    return sqlglot.parse_one(_WINDOW.sub("wind_w", query), dialect="spark")
