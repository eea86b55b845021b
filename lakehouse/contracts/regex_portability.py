r"""Finds what a regular expression has that Java, ECMA-262 and Python do not read alike.

The readers of a contract are many: Spark is Java, a schema registry is ECMA-262, Great Expectations on pandas
is Python. What one of them refuses, or reads as something else in silence, is refused here with the spelling
that all of them read.
"""

from __future__ import annotations

import re
import warnings

from lakehouse.contracts.regex import portable_pattern

_ESCAPE = r"\\(?:U[0-9a-fA-F]{8}|N\{[^}]*\}|[0-7]{1,3}|.)"
_OUTSIDE_TOKEN = re.compile(rf"{_ESCAPE}|\(\?P?.|\[\^?\]?|\{{\d+(?:,\d*)?\}}|.", re.S)
_INSIDE_TOKEN = re.compile(rf"{_ESCAPE}|&&|.", re.S)
# Token outside of a class, and inside of one → how to write it.
_OUTSIDE = {
    "{": r"\{ for the character, {0,3} for at most three times",
    "(?P": "(…) without a name",
    "(?#": "no comment",
    "(?(": "two alternatives",
    "(?'": "(…) without a name",
}
_INSIDE = {
    "[": r"\[ for the character: Java reads a class in a class",
    "&&": r"\&\& for the characters: Java reads an intersection",
    "\\b": r"\x08 for the backspace",
}
_ESCAPES = {"U": "the character itself", "N": "the character itself", "0": r"\x00 for the character NUL"}


def portability_fault(pattern: str) -> str | None:
    """Why not every engine reads the pattern alike, or None. The text is for a person."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            # Java and Python want to know how far a look-behind looks.
            re.compile(portable_pattern(pattern))
    except (re.error, OverflowError, RecursionError) as error:
        return str(error)
    return _misread(pattern)


def _misread(pattern: str) -> str | None:
    at, inside = 0, False
    while token := (_INSIDE_TOKEN if inside else _OUTSIDE_TOKEN).match(pattern, at):
        text = token[0]
        expected = _wanted(text, inside)
        if expected:
            return f"'{text}' is not read alike by Java and others; write {expected}"
        inside = text != "]" if inside else text.startswith("[")
        at = token.end()
    return None


def _wanted(token: str, inside: bool) -> str | None:
    if token.startswith("\\"):
        if inside and token in _INSIDE:
            return _INSIDE[token]
        octal = token[1:].isdigit() and (token[1] == "0" or inside or len(token) > 3)
        return _ESCAPES["0"] if octal else _ESCAPES.get(token[1])
    if inside:
        return _INSIDE["["] if token.startswith("[") else _INSIDE.get(token)
    return _OUTSIDE.get("(?P" if token.startswith("(?P") else token)
