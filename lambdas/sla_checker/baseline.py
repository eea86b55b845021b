"""The usual range of a number, from its history."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

# A shorter history defines no usual range.
MIN_DAYS = 5
# A normal distribution's standard deviation is its median absolute deviation times this.
MAD_TO_SIGMA = 1.4826
# The least standard deviation, as a share of the median divided by the allowed deviations: a history without
# variation still allows this share.
MIN_SHARE = 0.2


def bounds(history: Sequence[float], deviations: float) -> tuple[float, float] | None:
    """The usual range: so many standard deviations around the median. None for a short history.

    Median and median absolute deviation are robust: a single outlier moves neither.
    """
    if len(history) < MIN_DAYS:
        return None
    middle = median(history)
    mad = median(abs(value - middle) for value in history)
    spread = max(MAD_TO_SIGMA * mad, MIN_SHARE * middle / deviations)
    return middle - deviations * spread, middle + deviations * spread


def zero_is_usual(history: Sequence[float]) -> bool:
    """Whether at least two days and one day of seven are zero, as for a source that rests on Sundays."""
    zeros = sum(value == 0 for value in history)
    return zeros >= max(2.0, len(history) / 7)
