r"""Finds patterns for which one value may cost a matcher that backtracks, as Java's is, minutes or its stack.

A value of n characters is tried in n steps for most patterns. Where two repetitions may share characters it
is n², as for `\d+x` or `^a*b?a*$`; where a repetition is repeated it is 2ⁿ, as for `^(a+)+$`. The criteria
are those of Weber and Seidl (1991): a loop that reads a text in two ways, and two loops that read the same
text as the way from one to the other.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache

from lakehouse.contracts.regex_automaton import Automaton, automaton_of
from lakehouse.contracts.regex_classes import END, meet
from lakehouse.contracts.regex_graph import components, reachable
from lakehouse.contracts.regex_shape import is_deterministic, recurses

# Powers of the length → the longest value that takes a few hundredths of a second.
_LONGEST = {1: 5_000, 2: 300, 3: 60}
# A round of a group takes a few hundred bytes of a stack of 1 MB.
_LONGEST_RECURSION = 1_000
# A pattern that may be asked of values as long as these is taken; longer values break it unasked.
LONG_ENOUGH = 1_000
# More work than this proves nothing: the pattern counts as one that may take any time.
_MAX_WORK = 300_000
_MAX_WAYS = 1_000


@dataclass(frozen=True)
class Cost:
    """`longest`: the characters that a value may have; None for any number, 0 where none is safe."""

    longest: int | None
    reason: str = ""


class _TooComplexError(Exception):
    """The proof needs more work than it may."""


@cache
def pattern_cost(pattern: str) -> Cost:
    """The cost of a pattern that Java reads. Raises re.error for a text that is no regular expression."""
    automaton = automaton_of(pattern)
    if automaton.whole.empty:
        return Cost(None)  # it is found before the first character
    try:
        cost = _Search(automaton).cost()
    except _TooComplexError:
        cost = Cost(0, "it is too large to prove that it ends")
    if cost.longest is None and not is_deterministic(pattern) and recurses(pattern, _LONGEST_RECURSION):
        return Cost(_LONGEST_RECURSION, "Java's stack grows with every round of a repeated group")
    return cost


class _Search:
    """The states that a match which fails may be in: where a pattern may end, it has matched."""

    def __init__(self, automaton: Automaton) -> None:
        self._chars = automaton.chars
        ends = {q for q in automaton.whole.last if self._chars[q] != END}
        live = {q for q in automaton.edges if q not in ends and self._chars[q] != END}
        self._starts = Counter({q: n for q, n in automaton.starts.items() if q in live})
        edges = {p: {q: n for q, n in automaton.edges[p].items() if q in live} for p in live}
        reached = set(reachable(self._starts, lambda p: edges[p]))
        self._edges = {p: edges[p] for p in reached}
        if set(self._edges.get(0, ())) <= {0}:
            self._edges.pop(0, None)
        self._met: dict[tuple[int, int], bool] = {}
        self._work = 0

    def cost(self) -> Cost:
        loops = [c for c in components(self._edges) if len(c) > 1 or any(p in self._edges[p] for p in c)]
        for loop in loops:
            if self._reads_in_two_ways(loop):
                return Cost(0, "a repetition in a repetition reads the same text in more ways than one")
        degree = self._degree(loops)
        if self._most_ways() > _MAX_WAYS:
            return Cost(0, "its optional parts read the same text in too many ways")
        if degree:
            reason = "two repetitions, or one and the search for its beginning, may read the same text"
            return Cost(_LONGEST.get(degree, 0), reason)
        return Cost(None)

    def _meet(self, p: int, q: int) -> bool:
        key = (p, q) if p <= q else (q, p)
        if key not in self._met:
            self._met[key] = meet(self._chars[p], self._chars[q])
        self._work += 1
        if self._work > _MAX_WORK:
            raise _TooComplexError
        return self._met[key]

    def _reads_in_two_ways(self, loop: set[int]) -> bool:
        inside = {p: [q for q in self._edges[p] if q in loop] for p in loop}
        if any(self._edges[p][q] > 1 for p in loop for q in inside[p]):
            return True

        def after(pair: tuple[int, int]) -> list[tuple[int, int]]:
            return [(p, q) for p in inside[pair[0]] for q in inside[pair[1]] if self._meet(p, q)]

        pairs = {pair: after(pair) for pair in reachable([(p, p) for p in loop], after)}
        return any(
            any(p == q for p, q in component) and any(p != q for p, q in component)
            for component in components(
                {pair: dict.fromkeys(next_pairs) for pair, next_pairs in pairs.items()}
            )
        )

    def _degree(self, loops: list[set[int]]) -> int:
        """The longest chain of loops of which each shares a text with the way to the next one."""
        chain = [0] * len(loops)
        # Components come in an order in which each is before those that lead to it.
        for i, loop in enumerate(loops):
            for j in range(i):
                if chain[j] + 1 > chain[i] and self._shares(loop, loops[j]):
                    chain[i] = chain[j] + 1
        return max(chain, default=0)

    def _shares(self, first: set[int], second: set[int]) -> bool:
        between = set(reachable(first, lambda p: self._edges[p]))
        if not second <= between:
            return False

        def after(triple: tuple[int, int, int]) -> list[tuple[int, int, int]]:
            a, b, c = triple
            return [
                (p, q, r)
                for p in self._edges[a]
                if p in first
                for r in self._edges[c]
                if r in second and self._meet(p, r)
                for q in self._edges[b]
                if self._meet(p, q) and self._meet(q, r)
            ]

        return any((p, q, q) in reachable([(p, p, q)], after) for p in first for q in second)

    def _most_ways(self) -> int:
        """The most ways in which a short text is read, of texts that are sought greedily."""
        symbols = self._symbols()
        texts, maximum = [self._starts], sum(self._starts.values())
        for _ in range(min(40, 2 * len(self._edges))):
            longer = [self._step(ways, symbol) for ways in texts for symbol in symbols]
            texts = sorted((w for w in longer if w), key=lambda w: -sum(w.values()))[:3]
            maximum = max([maximum, *(sum(w.values()) for w in texts)])
        return maximum

    def _symbols(self) -> list[int]:
        """A character of each set of characters that the same classes have."""
        bounds = {low for p in self._edges for low, _ in self._chars[p] if low >= 0}
        bounds |= {high + 1 for p in self._edges for _, high in self._chars[p] if high >= 0}
        members: dict[frozenset[int], int] = {}
        for symbol in sorted(bounds)[:400]:
            having = frozenset(
                p for p in self._edges if any(low <= symbol <= high for low, high in self._chars[p])
            )
            members.setdefault(having, symbol)
        return list(members.values())

    def _step(self, ways: Counter[int], symbol: int) -> Counter[int]:
        after = Counter[int]()
        for p, n in ways.items():
            for q, more in self._edges.get(p, {}).items():
                if any(low <= symbol <= high for low, high in self._chars[q]):
                    after[q] += n * more
        return after
