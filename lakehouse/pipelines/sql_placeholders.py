"""Placeholders that other tools fill in, and this platform does not: as texts they match no row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlglot import Token, TokenType

from lakehouse.pipelines.sql_refusal import Refusal

WANTED = "a parameter as :name"
# A text that is nothing but one placeholder.
_IN_TEXT = re.compile(
    r"\{[A-Za-z_]\w*\}|%\([A-Za-z_]\w*\)s|[#@]\{[^{}]*\}|<%.*%>|\[\[[^\[\]]*\]\]", re.DOTALL
)
_COMMENT = re.compile(r"--[^\n]*|/\*[\s\S]*?\*/")


def placeholders(query: str, tokens: Sequence[Token]) -> Iterator[Refusal]:
    """Each placeholder, and each blank that Spark's scanner does not take for one."""
    end = 0
    for token in tokens:
        yield from _blanks(query[end : token.start], end)
        end = token.end + 1
        if token.token_type is TokenType.STRING:
            if _IN_TEXT.fullmatch(token.text):
                yield Refusal(f"has '{token.text:.40}', which nothing fills in", token.start, WANTED)
        elif token.token_type is TokenType.L_BRACE and _is_single(query, token.start):
            yield Refusal("has '{…}', which nothing fills in", token.start, WANTED)
        elif token.token_type is TokenType.PLACEHOLDER:
            yield Refusal("has '?', which nothing fills in", token.start, WANTED)


def _is_single(query: str, brace: int) -> bool:
    """Whether a brace is none of ${, {{ and {%, which are refused wherever they stand."""
    return query[brace : brace + 2] not in ("{{", "{%") and query[brace - 1 : brace] not in ("{", "$")


def _blanks(gap: str, start: int) -> Iterator[Refusal]:
    bare = _COMMENT.sub(lambda match: " " * len(match[0]), gap)
    for match in re.finditer(r"[^\S \t\r\n]", bare):
        message = f"has the blank U+{ord(match[0]):04X}, which Spark does not read"
        yield Refusal(message, start + match.start(), "a space")
