"""Literals that Spark 3.5 reads in another way than people mean them, without an error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlglot import Token, TokenType

from lakehouse.pipelines.sql_refusal import Refusal

# Functions whose last argument is a pattern, and whether they read texts by it.
_BY_PATTERN = {
    "date_format": False,
    "from_unixtime": False,
    "to_date": True,
    "to_timestamp": True,
    "to_timestamp_ltz": True,
    "to_timestamp_ntz": True,
    "to_unix_timestamp": True,
    "try_to_timestamp": True,
    "unix_timestamp": True,
}
_QUOTED = re.compile(r"'[^']*'")
_UNKNOWN = re.compile(r"[A-Za-z](?<![GyMLdDQqEFahKkHmsSVzOXxZ])")
WANTED = "a pattern such as yyyy-MM-dd HH:mm:ss"


def misread_literals(query: str, tokens: Sequence[Token]) -> Iterator[Refusal]:
    """Each text that Spark joins with the one before it, and each pattern that means other dates."""
    for i, token in enumerate(tokens):
        if token.token_type is not TokenType.STRING:
            continue
        before = tokens[i - 1] if i else None
        if before and before.token_type is TokenType.STRING:
            quote = query[token.start]
            if before.end + 1 == token.start and query[before.end] == quote:
                message = f"has {quote * 2} in a text, which Spark leaves out of it"
                yield Refusal(message, before.end, f"\\{quote} for a quote")
            else:
                yield Refusal("has two texts side by side, which Spark joins", token.start, "a comma or ||")
        if fault := _pattern_fault(token, i, tokens):
            yield Refusal(f"has the pattern '{token.text:.40}': {fault}", token.start, WANTED)


def _pattern_fault(token: Token, i: int, tokens: Sequence[Token]) -> str:
    """Why Spark reads or writes other dates by a pattern; empty for a text that is none."""
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    if tokens[i - 1].token_type is not TokenType.COMMA or not after:
        return ""
    function = _function(tokens, i) if after.token_type is TokenType.R_PAREN else ""
    return pattern_fault(token.text, reads=_BY_PATTERN[function]) if function in _BY_PATTERN else ""


def _function(tokens: Sequence[Token], i: int) -> str:
    """The function in whose brackets a token stands."""
    depth = 0
    for k in range(i - 1, 0, -1):
        kind = tokens[k].token_type
        depth += (kind is TokenType.R_PAREN) - (kind is TokenType.L_PAREN)
        if depth < 0:
            return tokens[k - 1].text.lower()
    return ""


def pattern_fault(pattern: str, *, reads: bool) -> str:
    """What is wrong with a pattern of Spark 3; empty for a sound one."""
    letters = _QUOTED.sub("", pattern)
    if unknown := _UNKNOWN.search(letters):
        known = {"Y": "; the year is y", "u": "; the year is y", "T": "; a letter stands in quotes, \\'T\\'"}
        return f"Spark has no '{unknown[0]}'{known.get(unknown[0], '')}"
    if "D" in letters and ("M" in letters or "d" in letters):
        return "D is the day of the year; the day of the month is d"
    if "m" in letters and not re.search("[HhKk]", letters):
        return "m is the minute, and there is no hour; the month is M"
    if re.search(r"[HhKk]\W?M", letters):
        return "M is the month, after an hour; the minute is m"
    if re.search(r"m\W?S", letters):
        return "S is a part of a second, after a minute; the second is s"
    if reads and re.search("[hK]", letters) and "a" not in letters:
        return "h is an hour of half a day, and nothing says which half; the hour of a day is H"
    return ""
