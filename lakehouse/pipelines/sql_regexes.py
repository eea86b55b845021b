"""Regular expressions of a query, which Java reads when the query runs, and not before."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from sqlglot import Token, TokenType, exp

from lakehouse.contracts.regex_cost import LONG_ENOUGH, pattern_cost
from lakehouse.pipelines.sql_refusal import Refusal

_CALLS = (
    exp.RegexpCount,
    exp.RegexpExtract,
    exp.RegexpExtractAll,
    exp.RegexpILike,
    exp.RegexpInstr,
    exp.RegexpLike,
    exp.RegexpReplace,
    exp.RegexpSplit,
    exp.RegexpSubstr,
)
WANTED = "a pattern that java.util.regex compiles"
# Of Python and other engines; in Java a name of a group has letters and digits alone.
_FOREIGN = re.compile(r"(?<!\\)(?:\\\\)*+(\(\?(?:P[<=>]|#|\(|'|<(?![=!]|[A-Za-z][A-Za-z0-9]*>)))")
# What Python says of a pattern that Java does not compile either.
_SAYS_BOTH = (
    "unterminated character set",
    "unterminated subpattern",
    "unbalanced parenthesis",
    "nothing to repeat",
    "multiple repeat",
    "min repeat greater than max repeat",
    "bad character range",
    "bad escape (end of pattern)",
)
# Escapes of a text in Spark; of any other the backslash is lost, so that '\d' is the letter d.
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-3][0-7]{2}|[\s\S])")
_KNOWN = "0bnrtZ\\'\"%_\n"


def foreign_regexes(tree: Any) -> Iterator[Refusal]:
    """Each stated pattern that Java refuses, by what Python and Java have in common."""
    for node, pattern in _patterns(tree):
        if fault := java_fault(pattern):
            yield Refusal(f"has the regular expression '{pattern:.60}': {fault}", _offset(node), WANTED)


def costly_regexes(tree: Any) -> Iterator[Refusal]:
    """Each stated pattern for which a value of a thousand characters may cost minutes."""
    for node, pattern in _patterns(tree):
        try:
            cost = pattern_cost(pattern)
        except (re.error, OverflowError, RecursionError):
            continue  # a pattern of Java alone
        if cost.longest is not None and cost.longest < LONG_ENOUGH:
            message = f"has the regular expression '{pattern:.60}', which may cost minutes: {cost.reason}"
            expected = "a pattern whose next character says which part it matches"
            yield Refusal(message, _offset(node), expected)


def java_fault(pattern: str) -> str:
    """Why Java does not compile a pattern; empty when nothing is known against it."""
    if foreign := _FOREIGN.search(pattern):
        return f"Java has no '{foreign[1]}'"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error) if any(words in str(error) for words in _SAYS_BOTH) else ""
    return ""


def lost_backslashes(query: str, tokens: Sequence[Token]) -> Iterator[Refusal]:
    r"""Each text with a backslash that Spark drops, such as '\d+'."""
    for token in tokens:
        if token.token_type is TokenType.STRING:
            text = query[token.start : token.end + 1]
            for escape in _ESCAPE.finditer(text):
                if len(escape[1]) == 1 and escape[1] not in _KNOWN:
                    message = f"has '{escape[0]}' in a text, which Spark reads as '{escape[1]}'"
                    yield Refusal(message, token.start + escape.start(), f"'\\{escape[0]}' for a backslash")


def _patterns(tree: Any) -> Iterator[tuple[Any, str]]:
    for node in tree.find_all(*_CALLS):
        pattern = node.args.get("expression")
        if isinstance(pattern, exp.Literal) and pattern.is_string:
            yield node, pattern.name


def _offset(node: Any) -> int:
    return int(next((n.meta["start"] for n in node.walk() if "start" in n.meta), 0))
