"""Parses the row expression of a data cells filter: the part of SQL's WHERE that Lake Formation accepts.

It accepts comparisons of a column with values, IS NULL, BETWEEN, IN and LIKE, joined by AND, OR, NOT and
brackets; neither functions nor other tables.
https://docs.aws.amazon.com/lake-formation/latest/dg/data-filters-about.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MOST = 2048
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_]\w*)|(?P<sign><=|>=|<>|!=|[=<>(),]))"
)
_COMPARE = ("=", "<>", "!=", "<", "<=", ">", ">=")
_KINDS = {
    "text": r"string",
    "number": r"tinyint|smallint|int|bigint|float|double|decimal\(.+\)",
    "boolean": r"boolean",
    "date": r"date",
    "timestamp": r"timestamp",
}
_RESERVED = ("and", "or", "not", "is", "null", "between", "in", "like", "true", "false", "date", "timestamp")


class ExpressionError(ValueError):
    """An expression that Lake Formation would refuse.

    `wanted` is the expected shape, `name` the unknown column, if that is the fault.
    """

    def __init__(self, what: str, wanted: str, name: str = "") -> None:
        super().__init__(what)
        self.wanted, self.name = wanted, name


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def check_expression(text: str, columns: Mapping[str, str]) -> None:
    """Checks an expression against `columns`: name → Spark type.

    Raises ExpressionError for the first part that Lake Formation would refuse.
    """
    if len(text) > MOST:
        raise ExpressionError(f"has {len(text)} characters", f"at most {MOST}")
    parser = _Parser(_tokens(text), columns)
    parser.either()
    if parser.now.kind != "end":
        raise ExpressionError(f"'{parser.now.text}' stands where nothing may follow", "and, or, or the end")


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(
                f"'{text[at:].lstrip()[:10]}' is not understood",
                "columns, values, comparisons, and, or, not, brackets",
            )
        tokens.append(_Token(str(match.lastgroup), str(match[str(match.lastgroup)])))
        at = match.end()
    return [*tokens, _Token("end", "the end")]


class _Parser:
    """A recursive descent parser: one method for each rule of the grammar. Each leaves `now` at the token
    after the rule.
    """

    def __init__(self, tokens: list[_Token], columns: Mapping[str, str]) -> None:
        self._tokens, self._columns = iter(tokens), columns
        self._depth = 0
        self.now = next(self._tokens)

    def _take(self) -> _Token:
        taken, self.now = self.now, next(self._tokens, self.now)
        return taken

    def _is(self, *words: str) -> bool:
        return self.now.kind in ("word", "sign") and self.now.text.lower() in words

    def _expect(self, *words: str) -> str:
        if not self._is(*words):
            raise ExpressionError(
                f"'{self.now.text}' stands where {' or '.join(words)} should", " or ".join(words)
            )
        return self._take().text.lower()

    def either(self) -> None:
        self._both()
        while self._is("or"):
            self._take()
            self._both()

    def _both(self) -> None:
        self._one()
        while self._is("and"):
            self._take()
            self._one()

    def _one(self) -> None:
        while self._is("not"):
            self._take()
        if not self._is("("):
            self._comparison()
            return
        self._take()
        self._depth += 1
        if self._depth > 50:
            raise ExpressionError("has more than 50 brackets in one another", "at most 50")
        self.either()
        self._expect(")")
        self._depth -= 1

    def _comparison(self) -> None:
        column = self._column()
        if self._is("is"):
            self._take()
            if self._is("not"):
                self._take()
            self._expect("null")
            return
        if self._is("not"):
            self._take()
            operator = self._expect("between", "in", "like")
        else:
            operator = self._expect(*_COMPARE, "between", "in", "like", "is")
        self._operand(column, operator)

    def _operand(self, column: str, operator: str) -> None:
        self._expect("(") if operator == "in" else None
        self._value(column, text_only=operator == "like")
        if operator == "between":
            self._expect("and")
            self._value(column)
        while operator == "in" and self._is(","):
            self._take()
            self._value(column)
        if operator == "in":
            self._expect(")")

    def _column(self) -> str:
        token = self._take()
        if token.kind != "word" or token.text.lower() in _RESERVED:
            raise ExpressionError(
                f"'{token.text}' stands where a column should", "a column of the table, then a comparison"
            )
        if token.text not in self._columns:
            raise ExpressionError(
                f"'{token.text}' is no column of the table", "a column of the table", token.text
            )
        return token.text

    def _value(self, column: str, *, text_only: bool = False) -> None:
        token = self._take()
        kind, word = token.kind, token.text.lower()
        if word in ("true", "false"):
            kind = "boolean"
        elif word in ("date", "timestamp") and self.now.kind == "text":
            kind = word
            self._take()
        elif kind not in ("text", "number"):
            raise ExpressionError(
                f"'{token.text}' stands where a value should",
                "'text', a number, true, false, date '2017-01-31' or timestamp '…'",
            )
        of = self._columns[column]
        if text_only and of != "string":
            raise ExpressionError(
                f"'{column}' is {of}, which is like no text", "like only for a string column"
            )
        if not re.fullmatch(_KINDS[kind], of):
            raise ExpressionError(
                f"'{column}' is {of}, but it is compared with a {kind}", f"a value of type {of}"
            )
