"""`VERSION AS OF` and `TIMESTAMP AS OF` in a query, which DuckDB lacks, as names of views."""

from __future__ import annotations

from collections.abc import Sequence

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from cli.tables.versions import At, moment_of
from glue_jobs.errors import RunError
from lakehouse.pipelines.sql_catalogs import LAYERS

_VERSION, _TIMESTAMP = ("VERSION", "SYSTEM_VERSION"), ("TIMESTAMP", "SYSTEM_TIME")
_ALIASES = (TokenType.ALIAS, TokenType.VAR, TokenType.IDENTIFIER)
# Between a table's name and its state, in the name of a view.
_MARK = "@"


def with_views(sql: str) -> str:
    """The query with `silver.orders VERSION AS OF 3` as `silver."orders@3"`; other text as it is.

    Raises RunError (RUN604) for a version or time that is none.
    """
    try:
        tokens = sqlglot.tokenize(sql, dialect="duckdb")
    except SqlglotError:
        return sql  # DuckDB reports what is wrong
    pieces, end = [], 0
    for at in range(len(tokens) - 4):
        clause = _clause(tokens, at)
        if clause is None or tokens[at].start < end:
            continue
        last, state = clause
        table = tokens[at + 2].text
        following = tokens[last + 1] if last + 1 < len(tokens) else None
        alias = "" if following and following.token_type in _ALIASES else f' AS "{table}"'
        view = f'"{tokens[at].text}"."{table}{_MARK}{state}"{alias}'
        pieces += [sql[end : tokens[at].start], view]
        end = tokens[last].end + 1
    return "".join([*pieces, sql[end:]])


def state_of(view: str) -> tuple[str, At | None]:
    """(table, its state) of the name of a view; no state where the query states none."""
    table, marked, state = view.partition(_MARK)
    if not marked:
        return table, None
    return table, At(version=int(state)) if state.isdecimal() else At(moment=moment_of(state.upper()))


def _clause(tokens: Sequence[Token], at: int) -> tuple[int, str] | None:
    """(number of the last token, state) of a table that begins at token `at`; None where it has no clause."""
    if tokens[at].text.lower() not in LAYERS or tokens[at + 1].token_type is not TokenType.DOT:
        return None
    # A tokenizer may take FOR and the word after it, or TIMESTAMP AS OF, for one token.
    words, numbers = [], []
    for number in range(at + 3, min(at + 9, len(tokens))):
        parts = tokens[number].text.split() if tokens[number].token_type is not TokenType.STRING else [""]
        words += [part.upper() for part in parts]
        numbers += [number] * len(parts)
    start = 1 if words[:1] == ["FOR"] else 0
    if words[start + 1 : start + 3] != ["AS", "OF"]:
        return None
    location = start + 3
    if words[location : location + 1] in (["TIMESTAMP"], ["DATE"]):
        location += 1
    if location >= len(numbers):
        return None
    literal = tokens[numbers[location]]
    if words[start] in _VERSION:
        return numbers[location], _version(literal)
    if words[start] in _TIMESTAMP:
        return numbers[location], moment_of(literal.text).isoformat()
    return None


def _version(literal: Token) -> str:
    if not literal.text.isdecimal():
        raise RunError(f"VERSION AS OF {literal.text}: wanted a whole number", code="RUN604")
    return literal.text
