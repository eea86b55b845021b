"""The usual range of a number."""

from __future__ import annotations

import pytest

from lambdas.sla_checker.baseline import bounds, zero_is_usual


def test_a_short_history_has_no_bounds() -> None:
    assert bounds([1000, 1000, 1000, 1000], 5) is None


def test_one_outlier_moves_the_bounds_little() -> None:
    without = bounds([1000, 1010, 990, 1005, 995, 1002, 998], 5)
    with_outlier = bounds([1000, 1010, 990, 1005, 995, 1002, 50_000], 5)
    assert without is not None
    assert with_outlier is not None
    assert with_outlier == pytest.approx(without, rel=0.05)


def test_a_history_without_variation_still_allows_a_fifth() -> None:
    assert bounds([1000] * 7, 5) == pytest.approx((800, 1200))


@pytest.mark.parametrize(
    ("history", "usual"),
    [([5] * 7, False), ([0, *[5] * 6], False), ([0, 0, *[5] * 5], True), ([0, 0, *[5] * 19], False)],
)
def test_zero_is_usual_on_one_day_of_seven_and_at_least_two(history: list[float], usual: bool) -> None:
    assert zero_is_usual(history) is usual
