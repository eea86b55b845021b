r"""The automaton of a regular expression: which of its characters may follow which, and in how many ways.

It is Glushkov's, with weights: a state is a character class of the pattern, and an edge says in how many
ways a matcher that backtracks comes from one to the other. Whatever it leaves out (look-behind, `\b`, atomic
groups) only adds ways.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from lakehouse.contracts.regex_classes import ANY, BEGIN, END, Chars, chars_of, of_category, without

# A repetition that would make more states than these counts as one without an end.
_MAX_COPIES = 300
_MAX_WEIGHT = 1_000


@dataclass(frozen=True)
class Part:
    """A part of a pattern. `empty`: the ways in which it is no character.

    `first` and `last`: state → the ways in which the part begins and ends with it.
    """

    empty: int
    first: Counter[int] = field(default_factory=Counter)
    last: Counter[int] = field(default_factory=Counter)


class Automaton:
    """`chars`: of each state. State 0 is any text before the match. `edges`: state → state → ways.

    `has_assertions`: whether the automaton lacks conditions that the pattern has.
    """

    def __init__(self, tree: Any, *, ignore_case: bool, dotall: bool) -> None:
        self.chars: list[Chars] = [ANY]
        self.edges: dict[int, Counter[int]] = {0: Counter({0: 1})}
        self.has_assertions = False
        self._groups: dict[int, Any] = {}
        self._ignore_case, self._dotall = ignore_case, dotall
        self.whole = self._sequence(tree)
        self.starts = Counter({0: 1}) + self.whole.first
        self.edges[0] += Counter({q: n for q, n in self.whole.first.items() if self.chars[q] != BEGIN})

    def _sequence(self, parts: Iterable[Any]) -> Part:
        whole = Part(1)
        for name, value in parts:
            whole = self._then(whole, self._part(str(name), value))
        return whole

    def _part(self, name: str, value: Any) -> Part:
        match name:
            case "BRANCH":
                return self._either([self._sequence(way) for way in value[1]])
            case "SUBPATTERN":
                return self._subpattern(*value)
            case "ATOMIC_GROUP":
                return self._sequence(value)
            case "ASSERT" | "ASSERT_NOT":
                self.has_assertions = True
                # A look-ahead is a way that ends in itself.
                return Part(1, self._sequence(value[1]).first) if value[0] == 1 else Part(1)
            case "GROUPREF":
                self.has_assertions = True
                group = self._groups.pop(value, ())
                part = self._sequence(group)
                self._groups[value] = group
                return part
            case "AT" if "BOUNDARY" in str(value):
                self.has_assertions = True
                return Part(1)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                return self._repeat(*value)
            case "FAILURE":
                return Part(0)
        return self._state(self._class(name, value))

    def _subpattern(self, number: int | None, added: int, removed: int, parts: Any) -> Part:
        if number is not None:
            self._groups[number] = parts
        outside = self._ignore_case, self._dotall
        self._ignore_case = bool((self._ignore_case or added & re.IGNORECASE) and not removed & re.IGNORECASE)
        self._dotall = bool((self._dotall or added & re.DOTALL) and not removed & re.DOTALL)
        part = self._sequence(parts)
        self._ignore_case, self._dotall = outside
        return part

    def _class(self, name: str, value: Any) -> Chars:
        match name:
            case "AT":
                return BEGIN if "BEGINNING" in str(value) else END
            case "ANY":
                return ANY if self._dotall else of_category("ANY")
            case "NOT_LITERAL":
                return without(chars_of([("LITERAL", value)], self._ignore_case))
            case "IN":
                return chars_of([(str(kind), member) for kind, member in value], self._ignore_case)
        return chars_of([("LITERAL", value)], self._ignore_case)

    def _state(self, chars: Chars) -> Part:
        state = len(self.chars)
        self.chars.append(chars)
        self.edges[state] = Counter()
        return Part(0, Counter({state: 1}), Counter({state: 1}))

    def _repeat(self, low: int, high: Any, parts: Any) -> Part:
        before = len(self.chars)
        one = self._sequence(parts)
        size = len(self.chars) - before
        copies = low if high is parser.MAXREPEAT else high
        if copies * size > _MAX_COPIES:
            low, high, copies = min(low, 1), parser.MAXREPEAT, min(low, 1)
        rest = [one, *(self._sequence(parts) for _ in range(copies - 1))]
        if high is parser.MAXREPEAT:
            self._join(rest[-1].last, rest[-1].first)
            rest[-1] = Part(1 if low == 0 else rest[-1].empty, rest[-1].first, rest[-1].last)
            return self._all(rest)
        optional = Part(1)
        for part in reversed(rest[low:]):
            both = self._then(part, optional)
            optional = Part(1 + both.empty, both.first, both.last)
        return self._then(self._all(rest[:low]), optional)

    def _all(self, parts: list[Part]) -> Part:
        whole = Part(1)
        for part in parts:
            whole = self._then(whole, part)
        return whole

    def _then(self, a: Part, b: Part) -> Part:
        self._join(a.last, b.first)
        return Part(
            min(a.empty * b.empty, _MAX_WEIGHT),
            a.first + _times(b.first, a.empty),
            b.last + _times(a.last, b.empty),
        )

    def _either(self, ways: list[Part]) -> Part:
        first, last = Counter[int](), Counter[int]()
        for way in ways:
            first, last = first + way.first, last + way.last
        return Part(min(sum(way.empty for way in ways), _MAX_WEIGHT), first, last)

    def _join(self, last: Counter[int], first: Counter[int]) -> None:
        for p, ways in last.items():
            # Nothing follows the end of the value.
            if self.chars[p] != END:
                self.edges[p] += _times(first, ways)


def _times(states: Counter[int], ways: int) -> Counter[int]:
    return Counter({q: min(n * ways, _MAX_WEIGHT) for q, n in states.items() if ways})


def automaton_of(pattern: str) -> Automaton:
    """The automaton of a pattern. Raises re.error for a text that is no regular expression."""
    tree = parser.parse(pattern)
    flags = tree.state.flags
    return Automaton(tree, ignore_case=bool(flags & re.IGNORECASE), dotall=bool(flags & re.DOTALL))
