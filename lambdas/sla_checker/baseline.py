"""What is usual for a number, and what is far from it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

# Below this many days nobody knows what is usual.
FEWEST = 5
# The median absolute deviation of a normal distribution, times this, is its standard deviation.
TO_SIGMA = 1.4826
# What never varied may still vary by this share of its median.
SMALLEST_SHARE = 0.2


def bounds(history: Sequence[float], deviations: float) -> tuple[float, float] | None:
    """The least and the greatest usual value, by median and MAD, which no single outlier moves; None with too little history."""
    if len(history) < FEWEST:
        return None
    middle = median(history)
    spread = max(
        TO_SIGMA * median(abs(value - middle) for value in history), SMALLEST_SHARE * middle / deviations
    )
    return middle - deviations * spread, middle + deviations * spread


def zero_is_usual(history: Sequence[float]) -> bool:
    """At least twice, and on one day of seven: a source that rests on Sundays is no incident."""
    zeros = sum(value == 0 for value in history)
    return zeros >= max(2.0, len(history) / 7)
