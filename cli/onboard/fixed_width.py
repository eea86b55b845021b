"""Finds the fields of lines whose values stand at the same characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# Lines that may end early need fields that stand further apart, or any text would have some.
_RAGGED_FIELDS, _RAGGED_GAP = 3, 2


@dataclass(frozen=True)
class FixedLines:
    """[first, last] character of each field, from 1. `ragged`: some lines end early."""

    spans: tuple[tuple[int, int], ...]
    ragged: bool

    def cells(self, line: str) -> tuple[str | None, ...]:
        """The values of a line without the blanks around them."""
        return tuple(line[first - 1 : last].strip(" ") or None for first, last in self.spans)

    def is_whole(self, line: str) -> bool:
        """Whether the ingest takes the line: nothing stands behind its fields, and none is missing."""
        end = self.spans[-1][1]
        return (self.ragged or len(line) >= end) and not line[end:].strip(" ")


def fixed_lines(lines: Sequence[str]) -> FixedLines | None:
    """The fields of the lines; None where no blanks stand at the same place in all of them."""
    if len(lines) < 2:
        return None
    width = max(map(len, lines))
    ragged = any(len(line) < width for line in lines)
    blank = [all(len(line) <= at or line[at] == " " for line in lines) for at in range(width)]
    edges = [at for at in range(1, width) if blank[at - 1] and not blank[at]]
    starts = ([] if blank[0] else [0]) + edges
    ends = [_end(blank, start) for start in starts]
    gaps = [after - end for end, after in zip(ends, starts[1:], strict=False)]
    if len(starts) < 2 or (ragged and (len(starts) < _RAGGED_FIELDS or min(gaps) < _RAGGED_GAP)):
        return None
    return FixedLines(tuple(_spans(lines, starts, ends)), ragged)


def _end(blank: Sequence[bool], start: int) -> int:
    return next((at for at in range(start, len(blank)) if blank[at]), len(blank))


def _spans(lines: Sequence[str], starts: list[int], ends: list[int]) -> list[tuple[int, int]]:
    """Every character belongs to a field, so that a longer value of a later line is not cut.

    Blanks belong to the number after them, which grows to the left, or else to the text before them: a text
    that reaches into a number breaks it, and a number that reached into a text would be another one.
    """
    bounds = [0]
    for (_, end), (start, last) in pairwise(zip(starts, ends, strict=True)):
        values = [line[start:last] for line in lines if line[start:last].strip(" ")]
        grows_left = any(value.startswith(" ") for value in values)
        bounds.append(end if grows_left else start)
    return [(bound + 1, last) for bound, last in zip(bounds, [*bounds[1:], ends[-1]], strict=True)]
