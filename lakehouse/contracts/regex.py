r"""Translates a pattern, as JSON Schema means it, into one that Java and Python read alike.

The meaning is ECMA-262's: `^` and `$` are the very ends of the value, `\d`, `\w` and `\b` are ASCII, `.` is
any character but a line end, and `i` is Unicode's simple folding. Java alone would let `$` match before a
last line end, and would not find the capital sharp s for the small one. Python's own parser reads the
pattern, and its parts are written anew.

Where each character says what it matches, Java's repetitions are possessive: they find the same, and a long
value needs neither a second look nor Java's stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from lakehouse.contracts.regex_classes import Chars
from lakehouse.contracts.regex_folds import any_case
from lakehouse.contracts.regex_shape import is_deterministic

# The very end of the value. Java's is faster; the other one is read alike by every engine with look-ahead.
_JAVA_END, _PORTABLE_END = r"\z", r"(?![\s\S])"
_WORD, _LINE_ENDS, _LAST = "[0-9A-Za-z_]", r"\n\r\u2028\u2029", "\U0010ffff"
# With the flag `i` these are letters of words, too: they are s and k.
_WORD_FORMS = r"\u017f\u212a"
_BOUNDARIES = {
    "AT_BOUNDARY": "(?:(?<={0})(?!{0})|(?<!{0})(?={0}))",
    "AT_NON_BOUNDARY": "(?:(?<={0})(?={0})|(?<!{0})(?!{0}))",
}
# What stands inside of a class for a category.
_CATEGORIES = {
    "CATEGORY_DIGIT": "0-9",
    "CATEGORY_WORD": "0-9A-Za-z_",
    "CATEGORY_SPACE": r"\t\n\x0b\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff",
    "CATEGORY_NOT_DIGIT": rf"\x00-/:-{_LAST}",
    "CATEGORY_NOT_WORD": rf"\x00-/:-@\[-\^`\{{-{_LAST}",
    "CATEGORY_NOT_SPACE": (
        r"\x00-\x08\x0e-\x1f!-\u009f\u00a1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e"
        rf"\u2060-\u2fff\u3001-\ufefe\uff00-{_LAST}"
    ),
}
_NOT_WORD_OF_ANY_CASE = rf"\x00-/:-@\[-\^`\{{-\u017e\u0180-\u2129\u212b-{_LAST}"
_REPEATS = {"MAX_REPEAT": "", "MIN_REPEAT": "?", "POSSESSIVE_REPEAT": "+"}
_GROUPS = {("ASSERT", 1): "(?=", ("ASSERT", -1): "(?<=", ("ASSERT_NOT", 1): "(?!", ("ASSERT_NOT", -1): "(?<!"}
_MAX_REPEAT = 2**31 - 1
# `i`, `s`, and what Python sets by itself for a text.
_FLAGS = re.IGNORECASE | re.DOTALL | re.UNICODE


@dataclass(frozen=True)
class _Form:
    """How the end of a value is written, whether repetitions give nothing back, and the flags s and i."""

    end: str
    possessive: bool
    dotall: bool = False
    any_case: bool = False

    def with_flags(self, added: int, removed: int) -> _Form:
        dotall, any_case = bool(added & re.DOTALL), bool(added & re.IGNORECASE)
        return replace(
            self,
            dotall=(self.dotall or dotall) and not removed & re.DOTALL,
            any_case=(self.any_case or any_case) and not removed & re.IGNORECASE,
        )


@cache
def java_pattern(pattern: str) -> str:
    """The pattern for Java's `find`, which is Spark's RLIKE.

    Raises re.error for a text that is no regular expression, and for a construct that Java does not have.
    """
    return _translated(pattern, _Form(_JAVA_END, is_deterministic(pattern)))


@cache
def portable_pattern(pattern: str) -> str:
    """The pattern as both Java's `find` and Python's `re.search` read it. Raises as `java_pattern` does."""
    return _translated(pattern, _Form(_PORTABLE_END, False))


def matches(pattern: str, value: str) -> bool:
    """Whether the pattern is somewhere in the value, as JSON Schema means it."""
    return re.search(portable_pattern(pattern), value) is not None


def _translated(pattern: str, form: _Form) -> str:
    tree = parser.parse(pattern)
    if tree.state.flags & ~_FLAGS:
        raise re.error("of the flags, only i and s mean the same everywhere")
    return _sequence(tree, form.with_flags(tree.state.flags, 0))


def _sequence(parts: Iterable[Any], form: _Form) -> str:
    return "".join(_part(str(name), value, form) for name, value in parts)


def _part(name: str, value: Any, form: _Form) -> str:
    match name:
        case "LITERAL":
            return _literal(value) if form.any_case else _escaped(value)
        case "NOT_LITERAL":
            return f"[^{_range(value, value, form)}]"
        case "ANY":
            return "(?s:.)" if form.dotall else f"[^{_LINE_ENDS}]"
        case "IN":
            return f"[{''.join(_member(str(kind), member, form) for kind, member in value)}]"
        case "AT":
            return _at(str(value), form)
        case "BRANCH":
            return f"(?:{'|'.join(_sequence(way, form) for way in value[1])})"
        case "SUBPATTERN":
            return _group(value, form)
        case "ATOMIC_GROUP":
            return f"(?>{_sequence(value, form)})"
        case "ASSERT" | "ASSERT_NOT":
            return f"{_GROUPS[name, value[0]]}{_sequence(value[1], form)})"
        case "GROUPREF" if form.any_case:
            raise re.error("with the flag i, not every engine compares a group with its reference alike")
        case "GROUPREF":
            return rf"(?:\{value})"
        case "FAILURE":
            return "(?!)"
        case _ if name in _REPEATS:
            return _repeat(name, value, form)
    raise re.error(f"{name.lower()} has no counterpart in Java")


def _at(name: str, form: _Form) -> str:
    if name in _BOUNDARIES:
        return _BOUNDARIES[name].format(f"{_WORD[:-1]}{_WORD_FORMS}]" if form.any_case else _WORD)
    return "^" if "BEGINNING" in name else form.end


def _group(value: Any, form: _Form) -> str:
    number, added, removed, parts = value
    if (added | removed) & ~_FLAGS:
        raise re.error("of the flags, only i and s mean the same everywhere")
    inner = _sequence(parts, form.with_flags(added, removed))
    return f"({inner})" if number is not None else f"(?:{inner})"


def _repeat(name: str, value: Any, form: _Form) -> str:
    low, high, parts = value
    unbounded = high is parser.MAXREPEAT
    if low > _MAX_REPEAT or (not unbounded and high > _MAX_REPEAT):
        raise re.error("a repetition is too large")
    atom = _sequence(parts, form)
    single = len(parts) == 1 and str(parts[0][0]) in ("LITERAL", "NOT_LITERAL", "IN", "SUBPATTERN")
    count = f"{low}" if low == high else f"{low},{'' if unbounded else high}"
    short = {"0,": "*", "1,": "+", "0,1": "?"}.get(count)
    kind = "+" if form.possessive and low != high else _REPEATS[name]
    return f"{atom if single else f'(?:{atom})'}{short or f'{{{count}}}'}{kind}"


def _member(kind: str, value: Any, form: _Form) -> str:
    match kind:
        case "NEGATE":
            return "^"
        case "RANGE":
            return _range(value[0], value[1], form)
        case "CATEGORY" if form.any_case and value == parser.CATEGORY_WORD:
            return _CATEGORIES[str(value)] + _WORD_FORMS
        case "CATEGORY" if form.any_case and value == parser.CATEGORY_NOT_WORD:
            return _NOT_WORD_OF_ANY_CASE
        case "CATEGORY":
            return _CATEGORIES[str(value)]
        case _:
            return _range(value, value, form)


def _literal(code: int) -> str:
    """A character in every case."""
    chars = any_case(code, code)
    return _escaped(code) if chars == ((code, code),) else f"[{_written(chars)}]"


def _range(low: int, high: int, form: _Form) -> str:
    return _written(any_case(low, high) if form.any_case else ((low, high),))


def _written(chars: Chars) -> str:
    """Ranges as they stand inside of a class."""
    return "".join(
        _escaped(low) if low == high else f"{_escaped(low)}-{_escaped(high)}" for low, high in chars
    )


def _escaped(code: int) -> str:
    char = chr(code)
    if 0xD800 <= code < 0xE000:
        raise re.error("half of a surrogate pair is no character; write the character itself")
    if code < 0x20 or 0x7F <= code < 0xA0 or code in (0x2028, 0x2029, 0xFEFF):
        return rf"\u{code:04x}"
    return char if char.isalnum() or code >= 0x80 or char in " _\"'%,;:=<>!~`@/" else f"\\{char}"
