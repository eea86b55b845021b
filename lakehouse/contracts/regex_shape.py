"""What the shape of a regular expression says of how Java matches it."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import pairwise
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from lakehouse.contracts.regex_automaton import Automaton, automaton_of
from lakehouse.contracts.regex_classes import BEGIN


@cache
def is_deterministic(pattern: str) -> bool:
    """Whether each character says what it matches: no repetition ever has to give one back."""
    automaton = automaton_of(pattern)
    if automaton.has_assertions or automaton.whole.empty > 1:
        return False
    starts = automaton.whole.first
    if any(automaton.chars[q] != BEGIN for q in starts):
        return False
    return all(_is_apart(automaton, ways) for ways in (starts, *list(automaton.edges.values())[1:]))


def _is_apart(automaton: Automaton, ways: Counter[int]) -> bool:
    classes = sorted((r for q in ways for r in automaton.chars[q]), key=lambda r: r[0])
    return max(ways.values(), default=1) == 1 and all(a[1] < b[0] for a, b in pairwise(classes))


def recurses(pattern: str, often: int) -> bool:
    """Whether a group of more than one character class is repeated without an end, or more than `often`."""
    return _recurses(parser.parse(pattern), often)


def _recurses(parts: Any, often: int) -> bool:
    for name, value in parts:
        kind = str(name)
        if kind in ("MAX_REPEAT", "MIN_REPEAT"):
            _, high, body = value
            is_simple = len(body) == 1 and str(body[0][0]) in ("LITERAL", "NOT_LITERAL", "IN", "ANY")
            if high > often and not is_simple:
                return True
        if any(_recurses(body, often) for body in _bodies(kind, value)):
            return True
    return False


def _bodies(kind: str, value: Any) -> list[Any]:
    """The parts of a part."""
    match kind:
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return [value[2]]
        case "SUBPATTERN":
            return [value[3]]
        case "BRANCH":
            return list(value[1])
        case "ASSERT" | "ASSERT_NOT":
            return [value[1]]
        case "ATOMIC_GROUP":
            return [value]
    return []
