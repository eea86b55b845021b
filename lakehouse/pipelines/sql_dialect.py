"""Words of other dialects that sqlglot reads in Spark's name, and Spark 3.5 refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlglot import Token, TokenType

from lakehouse.pipelines.sql_order import foreign_order
from lakehouse.pipelines.sql_refusal import Refusal

_JSON = "get_json_object(value, '$.name')"
# Sign → (what Spark 3.5 lacks, what to write).
_SIGNS = {
    "::": ("casts by ::, which Spark 3.5 lacks", "CAST(value AS type)"),
    "|>": ("pipes by |>, which Spark 3.5 lacks", "a query with SELECT and FROM"),
    "->>": ("reads JSON by ->>, which Spark lacks", _JSON),
    "#": ("has '#', which begins no comment in Spark", "a comment as -- or /* … */"),
    "@": ("has '@', which Spark lacks", "a parameter as :name"),
    ":=": ("assigns by :=, which Spark lacks", "value AS name"),
}
_TYPES = """
array bigint binary bool boolean byte char character date dec decimal double float int integer interval
long map numeric real short smallint string struct timestamp timestamp_ltz timestamp_ntz tinyint varchar void
"""
TYPES = frozenset(_TYPES.split())
_UNITS_FIRST = frozenset(["date_add", "date_diff", "dateadd", "datediff"])
_CLOSING = (TokenType.R_PAREN, TokenType.FROM, TokenType.WHERE, TokenType.COMMA)
_VALUE_ENDS = (TokenType.VAR, TokenType.IDENTIFIER, TokenType.R_PAREN, TokenType.R_BRACKET)
_POSTFIXES = (TokenType.ISNULL, TokenType.NOTNULL)
_CASTS = ("cast", "try_cast")


def foreign_tokens(query: str, tokens: Sequence[Token]) -> Iterator[Refusal]:
    """Each token that Spark's own scanner or parser refuses."""
    yield from foreign_order(tokens)
    # The function before each open bracket, empty where a bracket only groups.
    calls: list[str] = []
    # Whether each open `<` begins the fields of a struct type.
    structs: list[bool] = []
    for i, token in enumerate(tokens):
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        before = tokens[i - 1] if i else None
        if token.token_type is TokenType.L_PAREN:
            calls.append(before.text.lower() if before and _is_word(before) else "")
            yield from _unit_as_text(calls[-1], tokens, i)
        elif token.token_type is TokenType.R_PAREN and calls:
            calls.pop()
        _follow_types(token, before, structs)
        if token.token_type is TokenType.COLON and structs and structs[-1]:
            continue
        yield from _sign(query, token, before, after, calls)
        yield from _name(token, after, calls)


def _follow_types(token: Token, before: Token | None, structs: list[bool]) -> None:
    """Notes a `<` that opens, and each `>` that closes: a comparison's is no struct's."""
    if token.token_type is TokenType.LT:
        structs.append(before is not None and before.text.lower() == "struct")
    elif token.text in (">", ">>"):
        del structs[-len(token.text) :]


def _sign(
    query: str, token: Token, before: Token | None, after: Token | None, calls: list[str]
) -> Iterator[Refusal]:
    sign = query[token.start : token.end + 1]
    # `1L` is three tokens to sqlglot, of which `::` is none of the text.
    if sign in _SIGNS and token.token_type is not TokenType.STRING:
        yield Refusal(_SIGNS[sign][0], token.start, _SIGNS[sign][1])
    elif token.token_type is TokenType.COLON and before is not None and before.token_type in _VALUE_ENDS:
        yield Refusal("reads JSON by a colon, which Spark 3.5 lacks", token.start, _JSON)
    elif token.token_type in _POSTFIXES and (after is None or after.token_type is not TokenType.L_PAREN):
        yield Refusal(f"has {token.text} after a value", token.start, "IS NULL or IS NOT NULL")
    elif token.token_type is TokenType.ARROW and not _in_lambda(before, calls):
        yield Refusal("reads JSON by ->, which Spark lacks", token.start, _JSON)
    elif token.token_type is TokenType.COMMA and (after is None or after.token_type in _CLOSING):
        yield Refusal("has a comma after the last item", token.start, "commas between items only")
    elif token.token_type is TokenType.L_BRACKET and not _subscripts(before):
        yield Refusal("has a value in [ ]", token.start, "array(…), or `…` around a name")
    elif token.token_type is TokenType.DOT and any(
        t and t.token_type is TokenType.STRING for t in (before, after)
    ):
        yield Refusal('has a text as part of a name: "…" is a text in Spark', token.start, "`…`")


def _name(token: Token, after: Token | None, calls: list[str]) -> Iterator[Refusal]:
    if token.token_type in (TokenType.VAR, TokenType.PARAMETER) and not re.fullmatch(
        r"\w+", token.text, re.ASCII
    ):
        message = f"has '{token.text}', which is no name in Spark"
        yield Refusal(message, token.start, "'…' for a text, `…` for a name with other letters")
    elif token.text.lower() == "using" and after is not None and after.text.lower() == "sample":
        yield Refusal("samples by USING SAMPLE, which Spark lacks", token.start, "TABLESAMPLE (…)")
    elif token.text.lower() in ("time", "datetime") and after and after.token_type is TokenType.STRING:
        yield Refusal(
            f"has a literal of {token.text}, which Spark lacks", token.start, "DATE or TIMESTAMP '…'"
        )
    elif re.match(r"\d+_", token.text):
        yield Refusal(f"has the number {token.text}", token.start, token.text.replace("_", ""))
    elif token.token_type is TokenType.ALIAS and after is not None:
        if after.token_type is TokenType.STRING:
            yield Refusal(f"names a column by the text '{after.text}'", after.start, f"`{after.text}`")
        elif calls and calls[-1] in _CASTS and _is_word(after) and after.text.lower() not in TYPES:
            yield Refusal(f"casts to {after.text}, which is no type of Spark", after.start, "a type of Spark")


def _is_word(token: Token) -> bool:
    return token.text[:1].isalpha() or token.text[:1] == "_"


def _subscripts(before: Token | None) -> bool:
    """Whether a bracket after this token takes an item of it."""
    if before is None or before.token_type in (TokenType.SELECT, TokenType.ARRAY):
        return False
    return before.token_type in (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.IDENTIFIER) or (
        _is_word(before) and before.token_type is not TokenType.IN
    )


def _in_lambda(before: Token | None, calls: list[str]) -> bool:
    """Whether an arrow follows the parameters of a function without a name, `x ->` or `(a, b) ->`."""
    closes = before is not None and before.token_type is TokenType.R_PAREN
    return bool(calls) and (closes or bool(calls[-1]))


def _unit_as_text(function: str, tokens: Sequence[Token], i: int) -> Iterator[Refusal]:
    """A unit in quotes, as other dialects write it: `dateadd('day', 7, day)`."""
    first, second = (tokens[k] if k < len(tokens) else None for k in (i + 1, i + 2))
    if function not in _UNITS_FIRST or first is None or first.token_type is not TokenType.STRING:
        return
    depth, commas = 0, 0
    for token in tokens[i:]:
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        commas += depth == 1 and token.token_type is TokenType.COMMA
        if not depth:
            break
    if commas == 2 and second is not None:
        yield Refusal(f"has the unit '{first.text}' as a text", first.start, f"{first.text.upper()}")
