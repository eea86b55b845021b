"""Clauses, types and numbers whose order or size Spark 3.5 refuses and sqlglot takes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from sqlglot import Token, TokenType

from lakehouse.pipelines.sql_refusal import Refusal

# Types of texts that Spark reads with a length alone.
_WITH_LENGTH = ("char", "character", "varchar")
_MOST_DIGITS = 38


def foreign_order(tokens: Sequence[Token]) -> Iterator[Refusal]:
    """Each place at which Spark's parser would stop, though every word is one of its own."""
    if tokens and tokens[0].token_type is TokenType.FROM and not _selects(tokens):
        yield Refusal("has FROM and no SELECT", tokens[0].start, "SELECT * FROM …")
    for i, token in enumerate(tokens):
        following = tokens[i + 1 : i + 4]
        kinds = [each.token_type for each in following]
        if token.token_type is TokenType.SELECT and kinds[:1] == [TokenType.COMMA]:
            yield Refusal(
                "has a comma before the first item", following[0].start, "commas between items only"
            )
        elif token.token_type is TokenType.NUMBER:
            yield from _number(token, following)
        elif token.token_type is TokenType.LIMIT and kinds[:2] == [TokenType.NUMBER, TokenType.COMMA]:
            yield Refusal("limits by two numbers", token.start, "LIMIT … OFFSET …")
        elif token.token_type is TokenType.OFFSET and kinds[1:2] == [TokenType.LIMIT]:
            yield Refusal("has OFFSET before LIMIT", token.start, "LIMIT … OFFSET …")
        elif token.token_type is TokenType.ALIAS and following and _lacks_length(following):
            name = following[0].text
            yield Refusal(f"has the type {name} without a length", following[0].start, f"STRING or {name}(n)")


def _selects(tokens: Sequence[Token]) -> bool:
    return any(t.token_type is TokenType.SELECT or t.text.upper() in ("MAP", "REDUCE") for t in tokens)


def _number(token: Token, following: Sequence[Token]) -> Iterator[Refusal]:
    """A double that is infinite, or a decimal of too many digits; `1D` is a number, `::` and `D` here."""
    digits = token.text.replace(".", "").lstrip("0")
    is_double = "e" in token.text.lower() or [t.text.upper() for t in following[1:2]] == ["D"]
    try:
        too_large = math.isinf(float(token.text)) if is_double else len(digits) > _MOST_DIGITS
    except ValueError:
        return
    if too_large:
        yield Refusal(
            f"has the number {token.text:.20}, which Spark cannot hold", token.start, "a smaller one"
        )


def _lacks_length(following: Sequence[Token]) -> bool:
    """Whether a cast ends with a type of texts: as an alias of a column the word is one of a name."""
    after = following[1].token_type if len(following) > 1 else None
    return following[0].text.lower() in _WITH_LENGTH and after is TokenType.R_PAREN
