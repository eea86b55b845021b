"""Where each part of a JSON text stands: the standard reader tells values, but not their places."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from json import loads

Loc = tuple[Hashable, ...]
Place = tuple[int, int]

# Of a text that is known to be valid. Atomic (?>…), so that no input makes it try twice.
_TOKEN = re.compile(r'"(?>(?:[^"\\]|\\.)*)"|[{}\[\],:]|[^\s{}\[\],:"]+')
# An escape of half a surrogate pair, which is no character: no file, query or log could hold it.
_HIGH, _LOW = r"\\u[dD][89abAB][0-9a-fA-F]{2}", r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_HALF = re.compile(rf"(?<!\\)(?:\\\\)*+(?:{_HIGH}(?!{_LOW})|(?<!{_HIGH}){_LOW})")


def half_character(text: str) -> int | None:
    """The offset of an escape of half a surrogate pair in a valid JSON text."""
    half = _HALF.search(text) if "\\u" in text else None
    return half.end() - 6 if half else None


def place_of(text: str, offset: int) -> Place:
    """The line and column, from 1, of what stands at `offset`."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def word_at(text: str, word: str) -> Place:
    """Where a word first stands in a valid JSON text, outside of strings."""
    return next(place_of(text, token.start()) for token in _TOKEN.finditer(text) if token[0] == word)


@dataclass
class JsonPlaces:
    """The place of each value and key by its path, and of each key that stands twice."""

    values: dict[Loc, Place] = field(default_factory=dict)
    keys: dict[Loc, Place] = field(default_factory=dict)
    twice: list[tuple[str, Place]] = field(default_factory=list)


def json_places(text: str) -> JsonPlaces:
    """The places of a valid JSON text; lines and columns count from 1."""
    starts = [0, *(m.end() for m in re.finditer("\n", text))]
    places = JsonPlaces()
    # Per open bracket: what it closes with, its path, and the key or index that comes next.
    stack: list[tuple[str, Loc, Hashable]] = []
    expect_key = False
    for token in _TOKEN.finditer(text):
        word = token[0]
        line = bisect_right(starts, token.start())
        location = (line, token.start() - starts[line - 1] + 1)
        if word in ":":
            continue
        if word == ",":
            end, path, at = stack[-1]
            stack[-1] = (end, path, at + 1 if isinstance(at, int) else at)
            expect_key = end == "}"
        elif word in "}]":
            stack.pop()
            expect_key = False
        elif expect_key:
            end, path, _ = stack[-1]
            key = loads(word)
            if (*path, key) in places.keys:
                places.twice.append((key, location))
            places.keys[(*path, key)] = location
            stack[-1] = (end, path, key)
            expect_key = False
        else:
            loc = (*stack[-1][1], stack[-1][2]) if stack else ()
            places.values[loc] = location
            if word in "{[":
                stack.append(("}", loc, "") if word == "{" else ("]", loc, 0))
                expect_key = word == "{"
    return places


def depths(text: str) -> Iterator[tuple[int, int]]:
    """(offset, depth) at each opening bracket outside of strings, of any text."""
    depth, inside, skip = 0, False, False
    for offset, ch in enumerate(text):
        if skip:
            skip = False
        elif inside:
            skip, inside = ch == "\\", ch != '"'
        elif ch == '"':
            inside = True
        elif ch in "[{":
            depth += 1
            yield offset, depth
        elif ch in "]}":
            depth -= 1
