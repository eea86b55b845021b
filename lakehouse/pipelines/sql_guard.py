"""Refuses text in a query that could reach a file, a process, the clock or a table beyond the query's inputs.

It reads tokens, without Spark, so that `lakehouse validate` and every run say the same. A run asks Spark's
own parser, too: glue_jobs/tables/query_guard.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlglot import Token, TokenType, tokenize
from sqlglot.errors import SqlglotError

from lakehouse.pipelines.sql_dialect import foreign_tokens
from lakehouse.pipelines.sql_functions import ALLOWED, REASONS
from lakehouse.pipelines.sql_literals import misread_literals
from lakehouse.pipelines.sql_placeholders import placeholders
from lakehouse.pipelines.sql_refusal import Refusal
from lakehouse.pipelines.sql_regexes import lost_backslashes
from lakehouse.pipelines.sql_special_dates import clock_texts

# Words that the grammar puts before a bracket; they call nothing.
KEYWORDS = frozenset(
    """
    all and any array as between bucket by char cross cube dec decimal distinct else end except exclude
    exists filter for from group having ignore in include inner intersect is join lateral left like
    limit map minus not nulls numeric offset on or outer over partition percent pivot qualify range
    right rollup rows select sets some struct table tablesample then union unpivot using values varchar
    view when where window with within
    """.split()  # noqa: SIM905 (one word a line would be hundreds of lines)
)
# Clock words that Spark takes without brackets.
BARE_CLOCK = frozenset({"current_date", "current_timestamp"})
BARE_USER = frozenset({"current_user", "session_user"})
WANTED = (
    "a query over the tables that its job reads, with functions of Spark that need nothing but their "
    "arguments"
)
# Text that Spark and a scanner may read differently, or that something else would fill in.
_TEXT = (
    (re.compile(r"\$\{"), "has '${…}', which nothing fills in", "a parameter as :name"),
    (re.compile(r"\{\{|\{%"), "has '{{…}}', which nothing fills in", "a parameter as :name"),
    (re.compile(r"\r(?!\n)"), "has a carriage return inside a line", "line ends of \\n or \\r\\n"),
    (re.compile(r"--[^\n]*\\\r?\n"), "has a comment that ends with a backslash", "a comment without it"),
    (
        re.compile(r"/\*(?!\+)(?:(?!\*/)[\s\S])*/\*"),
        "has a comment inside a comment",
        "one comment at a time",
    ),
)


def refusals(query: str, ctes: Sequence[str] = ()) -> list[Refusal]:
    """Everything that is refused in a query. `ctes`: names of its WITH, which may have a list of columns."""
    of_text = [
        Refusal(message, match.start(), expected)
        for pattern, message, expected in _TEXT
        for match in pattern.finditer(query)
    ]
    try:
        tokens = _without_hints(tokenize(query, read="spark"))
    except SqlglotError:
        return of_text  # the grammar's own error is told by who parses it
    names = {name.lower() for name in ctes} - set(REASONS)
    of_tokens = [*_of_tokens(tokens, names), *placeholders(query, tokens), *clock_texts(tokens)]
    of_tokens += [*lost_backslashes(query, tokens), *misread_literals(query, tokens)]
    return [*of_text, *foreign_tokens(query, tokens), *of_tokens]


def _of_tokens(tokens: list[Token], ctes: set[str]) -> Iterator[Refusal]:
    for i, token in enumerate(tokens):
        word = token.text.lower()
        before = tokens[i - 1] if i else None
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        if token.token_type is TokenType.RAW_STRING:
            yield Refusal("has a raw string", token.start, "a text in '…' with \\\\ for a backslash")
        elif after and after.token_type is TokenType.L_PAREN and _is_name(token):
            yield from _of_call(token, before, tokens[i + 2] if i + 2 < len(tokens) else None, ctes)
        elif word in BARE_CLOCK and not _is_member(before) and token.token_type is not TokenType.STRING:
            yield Refusal(f"reads the clock by {token.text}", token.start, "the logical date, :run_date")
        elif word in BARE_USER and not _is_member(before) and token.token_type is not TokenType.STRING:
            yield Refusal(f"has {word}, which tells of the machine and its files", token.start, WANTED)
        elif word == "using" and after and after.token_type in (TokenType.STRING, TokenType.RAW_STRING):
            yield Refusal("starts a process by USING", token.start, WANTED)
        elif word in ("serde", "recordreader", "recordwriter") and token.token_type is not TokenType.STRING:
            yield Refusal(f"names a class of Java by {token.text}", token.start, WANTED)


def _of_call(token: Token, before: Token | None, inside: Token | None, ctes: set[str]) -> Iterator[Refusal]:
    quoted = token.token_type is TokenType.IDENTIFIER
    # The tokenizer joins words of the grammar, such as GROUPING SETS.
    name = token.text.lower() if quoted else token.text.lower().split()[-1]
    if _is_member(before):
        yield Refusal(f"calls {token.text} of a catalog or database", token.start, WANTED)
    elif name in REASONS:
        yield Refusal(f"calls {token.text}, which {REASONS[name]}", token.start, WANTED)
    elif name == "unix_timestamp" and inside and inside.token_type is TokenType.R_PAREN:
        yield Refusal("reads the clock by unix_timestamp()", token.start, "unix_timestamp(:run_date)")
    elif name in ALLOWED or (name in KEYWORDS and not quoted):
        return
    elif before and (before.token_type in (TokenType.ALIAS, TokenType.R_PAREN) or name in ctes):
        return  # an alias with a list of its columns
    else:
        message = f"calls {token.text}, which is no function that a query may call"
        yield Refusal(message, token.start, WANTED)


def _is_name(token: Token) -> bool:
    if token.token_type in (TokenType.STRING, TokenType.RAW_STRING, TokenType.NUMBER):
        return False
    return token.token_type is TokenType.IDENTIFIER or token.text[:1].isalpha() or token.text[:1] == "_"


def _is_member(before: Token | None) -> bool:
    return before is not None and before.token_type is TokenType.DOT


def _without_hints(tokens: list[Token]) -> list[Token]:
    """The tokens without `/*+ … */`: hints name tables and look like calls, and reach nothing."""
    return [token for token in tokens if token.token_type is not TokenType.HINT]
