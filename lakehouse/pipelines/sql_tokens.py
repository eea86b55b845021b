"""SQL as tokens, statement by statement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

WANTED = (
    "CREATE OR REPLACE TABLE <layer>.<table> AS <query>, INSERT INTO <layer>.<table> <query>, or "
    "CREATE DATABASE IF NOT EXISTS <layer>"
)
_WORD = r"(?:`[^`\n]+`|[A-Za-z_]\w*)"
# Atomic (?>…) and without nested repetition, so that no text makes it try twice.
_TOKEN = re.compile(
    rf"(?P<comment>--[^\n]*|/\*(?s:.*?)\*/)"
    rf"|(?P<text>'(?>(?:[^'\\]|\\(?s:.)|'')*)'|\"(?>(?:[^\"\\]|\\(?s:.))*)\")"
    rf"|(?P<name>{_WORD}(?:\s*\.\s*{_WORD})*)"
    rf"|(?P<param>(?<![:\w]):[A-Za-z_]\w*)|(?P<open>/\*|['\"`])|(?P<other>\S)",
    re.ASCII,
)


class SqlError(ValueError):
    """SQL that is none of ours, with its line and what is wanted instead."""

    def __init__(self, what: str, line: int, wanted: str = WANTED) -> None:
        super().__init__(what)
        self.line, self.wanted = line, wanted


@dataclass(frozen=True)
class Token:
    """A name, text, parameter or other sign of SQL; `start` and `end` are offsets in the text."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        return self.text.upper() if self.kind in ("name", "other") else ""

    @property
    def parts(self) -> list[str]:
        return [p.strip().strip("`").lower() for p in self.text.split(".")] if self.kind == "name" else []


def split_tokens(text: str) -> Iterator[list[Token]]:
    """The tokens of each statement, without comments and semicolons. Raises SqlError for an open quote."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        token = Token(str(match.lastgroup), match[0], match.start(), match.end())
        if token.kind == "open":
            raise SqlError(
                f"opens {token.text} and never closes it",
                line_of(text, token),
                "text in '…', comments in /* … */",
            )
        if token.text == ";":
            if tokens:
                yield tokens
            tokens = []
        elif token.kind != "comment":
            tokens.append(token)
    if tokens:
        yield tokens


def line_of(text: str, token: Token) -> int:
    """The line of `text` on which a token begins, from 1."""
    return text.count("\n", 0, token.start) + 1
