"""Parts a file that is one JSON array into its elements, by brackets and quotes alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from glue_jobs.sources.file_records import Record, check_length
from glue_jobs.sources.file_text import UnreadableFileError

_OUTSIDE = re.compile(r'["\[\]{},]')
_REST_OF_STRING = re.compile(r'(?:[^"\\]|\\.)*("?)', re.DOTALL)


def array_elements(lines: Iterable[str]) -> Iterator[Record]:
    """The elements of the array, numbered from 1: several may stand in a line, and one go over several.

    An element that is no JSON is one all the same, so that it spoils no other; so is one without any text.
    Raises UnreadableFileError where the text is not one array from its beginning to its end.
    """
    scan = _Scan()
    for line in lines:
        yield from scan.elements(line)
    scan.finish()


@dataclass
class _Scan:
    """`depth`: brackets that are open, 0 before and after the array. `parts`: of the element so far."""

    depth: int = 0
    in_string: bool = False
    has_ended: bool = False
    number: int = 0
    parts: list[str] = field(default_factory=list)
    characters: int = 0

    def elements(self, line: str) -> Iterator[Record]:
        """The elements that end in the line."""
        begin, at = 0, 0
        while (token := self._next(line, at)) is not None:
            at = token.end()
            opens, closes = token[0] in "[{", token[0] in "]}"
            if self.depth == 0:
                self._begin(line[begin : at - 1], token[0])
                begin = at
            elif opens:
                self.depth += 1
            elif closes and self.depth > 1:
                self.depth -= 1
            elif self.depth == 1 and token[0] != '"':
                self.parts.append(line[begin : at - 1])
                yield from self._end(closes)
                begin = at
        self.parts.append(line[begin:])
        self.characters += len(line)
        check_length(self.characters)

    def finish(self) -> None:
        """Raises UnreadableFileError unless the array has ended, and nothing but blanks follows it."""
        rest = "".join(self.parts).strip()
        if self.depth or self.in_string:
            raise UnreadableFileError("has a JSON array that nothing closes")
        if rest:
            raise UnreadableFileError(_AFTER if self.has_ended else _NONE)

    def _next(self, line: str, at: int) -> re.Match[str] | None:
        if self.in_string:
            rest = _REST_OF_STRING.match(line, at)
            if rest is None or not rest[1]:
                return None
            self.in_string, at = False, rest.end()
        token = _OUTSIDE.search(line, at)
        if token and token[0] == '"':
            self.in_string = True
        return token

    def _begin(self, before: str, sign: str) -> None:
        if self.has_ended:
            raise UnreadableFileError(_AFTER)
        if sign != "[" or "".join([*self.parts, before]).strip():
            raise UnreadableFileError(_NONE)
        self.depth, self.parts = 1, []

    def _end(self, closes: bool) -> Iterator[Record]:
        text = "".join(self.parts).strip()
        self.parts, self.characters = [], 0
        # Only an array without any element has no text in it.
        if text or self.number or not closes:
            self.number += 1
            yield Record(self.number, text)
        if closes:
            self.depth, self.has_ended = 0, True


_NONE = "does not begin with a JSON array"
_AFTER = "has text after its JSON array"
