"""Boxes of the picture lie apart, and lines pass beside them."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from cli.pipeline.graph_layout import Edge, Place, layout


@st.composite
def layered(draw: st.DrawFn) -> tuple[list[list[str]], list[Edge], dict[str, tuple[float, float]]]:
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=6))
    levels = [[f"j{i}_{k}" for k in range(n)] for i, n in enumerate(sizes)]
    pairs = [
        (a, b) for i, upper in enumerate(levels) for lower in levels[i + 1 :] for a in upper for b in lower
    ]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=20)) if pairs else []
    return (
        levels,
        edges,
        {n: (draw(st.integers(40, 300)), draw(st.integers(30, 120))) for level in levels for n in level},
    )


def apart(a: Place, b: Place) -> bool:
    return a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y


@settings(max_examples=60, deadline=None)
@given(layered())
def test_boxes_lie_apart_inside_the_picture_and_lines_pass_beside_them(
    given_: tuple[list[list[str]], list[Edge], dict[str, tuple[float, float]]],
) -> None:
    levels, edges, sizes = given_
    drawing = layout(levels, edges, sizes)
    assert drawing.boxes.keys() == sizes.keys()
    for box in drawing.boxes.values():
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= drawing.width
        assert box.y + box.height <= drawing.height
    assert all(drawing.boxes[n].width >= w and drawing.boxes[n].height >= h for n, (w, h) in sizes.items())
    assert all(apart(a, b) for a, b in combinations(drawing.boxes.values(), 2))
    at = {name: i for i, level in enumerate(levels) for name in level}
    for (a, b), places in drawing.lines.items():
        assert (places[0], places[-1]) == (drawing.boxes[a], drawing.boxes[b])
        # A stand-in for each level that it passes, where no box is.
        assert len(places) == at[b] - at[a] + 1
        assert all(above.y + above.height < below.y for above, below in pairwise(places))
        assert all(apart(stand_in, box) for stand_in in places[1:-1] for box in drawing.boxes.values())


def test_lines_that_need_not_cross_do_not() -> None:
    levels = [["a", "b", "c", "d"], ["d2", "c2", "b2", "a2"]]
    edges = [(n, f"{n}2") for n in "abcd"]
    drawing = layout(levels, edges, {n: (50, 20) for level in levels for n in level})
    assert all(drawing.boxes[n].x == drawing.boxes[f"{n}2"].x for n in "abcd")
