"""Places boxes and lines of a layered graph by Sugiyama's method: a line that passes a level gets a
stand-in there, and the barycentre rule orders each level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Edge = tuple[str, str]
# As many as it takes for graphs of some dozen jobs; more change nothing any more.
SWEEPS = 8


@dataclass(frozen=True)
class Place:
    """Left upper corner and size, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class Layout:
    """Boxes and lines of a picture.

    `lines`: edge → the boxes and stand-ins that it joins, from box to box.
    """

    width: float
    height: float
    boxes: dict[str, Place]
    lines: dict[Edge, list[Place]]


@dataclass(frozen=True)
class Gaps:
    """Pixels between boxes of a level, between levels, around all, and the width that a passing line is
    given.
    """

    beside: float = 24
    below: float = 56
    around: float = 24
    passing: float = 16


def layout(
    levels: Sequence[Sequence[str]],
    edges: Sequence[Edge],
    sizes: Mapping[str, tuple[float, float]],
    gaps: Gaps | None = None,
) -> Layout:
    """`levels` from top to bottom; each edge goes downwards.

    `sizes`: (width, height) that each box needs; those of a level are equally high.
    """
    gaps = gaps or Gaps()
    rows, chains = _with_stand_ins(levels, edges)
    _untangle(rows, [pair for chain in chains.values() for pair in pairwise(chain)])
    widths = [[sizes.get(name, (gaps.passing, 0))[0] for name in row] for row in rows]
    total = max(sum(row) + gaps.beside * (len(row) - 1) for row in widths)
    places: dict[str, Place] = {}
    top = gaps.around
    for row, width in zip(rows, widths, strict=True):
        height = max(sizes[name][1] for name in row if name in sizes)
        left = gaps.around + (total - sum(width) - gaps.beside * (len(row) - 1)) / 2
        for name, wide in zip(row, width, strict=True):
            places[name] = Place(left, top, wide, height)
            left += wide + gaps.beside
        top += height + gaps.below
    lines = {edge: [places[name] for name in chain] for edge, chain in chains.items()}
    return Layout(
        total + 2 * gaps.around,
        top - gaps.below + gaps.around,
        {n: p for n, p in places.items() if n in sizes},
        lines,
    )


def _with_stand_ins(
    levels: Sequence[Sequence[str]], edges: Sequence[Edge]
) -> tuple[list[list[str]], dict[Edge, list[str]]]:
    rows = [list(level) for level in levels]
    at = {name: i for i, row in enumerate(levels) for name in row}
    chains = {}
    for a, b in edges:
        # No job's name holds a space.
        passed = [f"{a} {b} {i}" for i in range(at[a] + 1, at[b])]
        for i, name in enumerate(passed, at[a] + 1):
            rows[i].append(name)
        chains[a, b] = [a, *passed, b]
    return rows, chains


def _untangle(rows: list[list[str]], pairs: Sequence[Edge]) -> None:
    """Orders each row by the mean place of its neighbours, downwards and upwards in turn."""
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for a, b in pairs:
        above.setdefault(b, []).append(a)
        below.setdefault(a, []).append(b)
    for sweep in range(SWEEPS):
        near, order = (above, rows) if sweep % 2 == 0 else (below, rows[::-1])
        for before, row in pairwise(order):
            at = {name: (i + 0.5) / len(before) for i, name in enumerate(before)}
            now = {name: (i + 0.5) / len(row) for i, name in enumerate(row)}
            row.sort(key=lambda name: _mean([at[n] for n in near.get(name, [])], now[name]))  # used at once


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
