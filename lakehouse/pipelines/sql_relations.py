"""Finds which names of a query stand where a table stands.

A column or an alias may be spelled like a layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lakehouse.pipelines.sql_tokens import Token

# Words that begin another clause of a query at the same depth.
_CLAUSE_WORDS = """
WHERE GROUP ORDER HAVING LIMIT OFFSET WINDOW CLUSTER DISTRIBUTE SORT UNION EXCEPT INTERSECT MINUS
"""
# Words that may follow a table and are no alias of it, beside these.
_TABLE_SUFFIXES = """
JOIN INNER LEFT RIGHT FULL CROSS ANTI SEMI NATURAL ON USING LATERAL PIVOT UNPIVOT TABLESAMPLE VERSION
TIMESTAMP FOR SELECT MAP REDUCE SYSTEM_VERSION SYSTEM_TIME
"""
_CLAUSES = frozenset(_CLAUSE_WORDS.split())
_AFTER_TABLE = _CLAUSES | frozenset(_TABLE_SUFFIXES.split())
# Functions whose arguments may be parted by FROM.
_FROM_INSIDE = frozenset(["EXTRACT", "TRIM", "SUBSTRING", "SUBSTR", "OVERLAY", "POSITION"])
_TABLE_NEXT = frozenset(["FROM", "JOIN", "TABLE"])


@dataclass
class _Depth:
    """What is known of one level of brackets. `expects`: a table may come next."""

    expects: bool = False
    in_from: bool = False
    of_function: bool = False


def relations(tokens: Sequence[Token]) -> Iterator[int]:
    """The index of each name that stands where a table stands.

    A table comes after FROM, JOIN, TABLE, or a comma of FROM.
    """
    depths = [_Depth()]
    for i, token in enumerate(tokens):
        depth, before = depths[-1], tokens[i - 1].upper if i else ""
        if token.text == "(":
            # A bracket after FROM holds a table, a join, a query, or what STREAM(…) streams.
            depths.append(_Depth(depth.expects, depth.expects, of_function=before in _FROM_INSIDE))
            depth.expects = False
        elif token.text == ")":
            if len(depths) > 1:
                depths.pop()
        elif token.text == ",":
            depth.expects = depth.in_from
        elif token.upper in _TABLE_NEXT:
            inside = token.upper == "FROM" and (depth.of_function or before == "DISTINCT")
            depth.expects, depth.in_from = not inside, depth.in_from or not inside
        elif token.upper == "SELECT":
            depth.expects = depth.in_from = depth.of_function = False
        elif token.upper in _CLAUSES:
            depth.expects = depth.in_from = False
        else:
            if depth.expects and token.kind == "name":
                yield i
            depth.expects = depth.expects and token.upper in ("LATERAL", "STREAM")


def has_alias(tokens: Sequence[Token], index: int) -> bool:
    """Whether the table at `index` has a name of its own in the query."""
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    if following is None or following.kind != "name":
        return False
    return following.upper not in _AFTER_TABLE
