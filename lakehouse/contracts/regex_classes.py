"""Character classes of regular expressions as ranges of code points."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# Ranges of code points, both ends in it, sorted and apart.
Chars = tuple[tuple[int, int], ...]
_LAST = 0x10FFFF
ANY: Chars = ((0, _LAST),)
# The very ends of a value are a class of their own each.
BEGIN: Chars = ((-1, -1),)
END: Chars = ((_LAST + 1, _LAST + 1),)
_SPACES = (0x20, 0xA0, 0x1680, 0x202F, 0x205F, 0x3000, 0xFEFF)
_CATEGORIES: dict[str, list[tuple[int, int]]] = {
    "DIGIT": [(0x30, 0x39)],
    "WORD": [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)],
    "SPACE": [(9, 13), (0x2000, 0x200A), (0x2028, 0x2029), *((c, c) for c in _SPACES)],
    "LINE_END": [(10, 10), (13, 13), (0x2028, 0x2029)],
}


def union(ranges: Iterable[tuple[int, int]]) -> Chars:
    """The ranges, sorted, and joined where they touch."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return tuple(joined)


def without(chars: Chars) -> Chars:
    """All other characters."""
    ends = [-1, *(end for low, high in chars for end in (low - 1, high)), _LAST]
    pairs = zip(ends[::2], ends[1::2], strict=True)
    return tuple((low + 1, high) for low, high in pairs if low < high)


def meet(a: Chars, b: Chars) -> bool:
    """Whether a character is in both classes."""
    return any(low <= top and bottom <= high for low, high in a for bottom, top in b)


def of_category(name: str) -> Chars:
    """A category as Python's parser names it; `ANY` is all but the ends of lines."""
    if name == "ANY":
        return without(union(_CATEGORIES["LINE_END"]))
    kind = name.removeprefix("CATEGORY_")
    chars = union(_CATEGORIES[kind.removeprefix("NOT_")])
    return without(chars) if kind.startswith("NOT_") else chars


def chars_of(members: Iterable[tuple[str, Any]], ignore_case: bool) -> Chars:
    """The characters of the members of a class; with `ignore_case`, at least those that differ by case."""
    ranges: list[tuple[int, int]] = []
    negated = False
    for kind, value in members:
        match kind:
            case "NEGATE":
                negated = True
            case "CATEGORY":
                ranges += of_category(str(value))
            case "RANGE":
                ranges += _any_case(*value) if ignore_case else [tuple(value)]
            case _:
                ranges += _any_case(value, value) if ignore_case else [(value, value)]
    chars = union(ranges)
    if not negated:
        return chars
    return ANY if ignore_case else without(chars)


def _any_case(low: int, high: int) -> list[tuple[int, int]]:
    """A range with what its characters are in another case. Of other letters than ASCII's, all are taken."""
    if high >= 0x80:
        return [(0x41, 0x5A), (0x61, 0x7A), (min(low, 0x80), max(high, 0xFFFF, _LAST))]
    # Java and Python count the Kelvin sign and the long s as k and s.
    folded = [(0x212A, 0x212A), (0x17F, 0x17F)]
    for first, shift in ((0x41, 32), (0x61, -32)):
        bottom, top = max(low, first), min(high, first + 25)
        if bottom <= top:
            folded.append((bottom + shift, top + shift))
    return [(low, high), *folded]
