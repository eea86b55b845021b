"""Bounds of rules, read and compared as Great Expectations does."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any

import pytest

from glue_jobs.quality.bounds import RuleError, both, bound, within


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("3", 3.0),
        (2, 2.0),
        ("2017-01-31", date(2017, 1, 31)),
        ("2017-01-31T10:00:00", datetime(2017, 1, 31, 10, tzinfo=UTC)),
        ("2017-01-31T10:00:00+02:00", datetime(2017, 1, 31, 8, tzinfo=UTC)),
    ],
)
def test_a_bound_is_a_number_if_it_can_be_one_else_a_date_else_a_time(value: Any, expected: Any) -> None:
    assert bound(value) == expected


def test_a_whole_number_that_no_double_is_stays_what_it_is() -> None:
    low, high = both({"min_value": 2**53 + 1, "max_value": 10**30 + 1})
    assert (low, high) == (2**53 + 1, 10**30 + 1)
    assert within(2**53 + 1, low, high)
    assert not within(2**53, low, high)


@pytest.mark.parametrize(
    "kwargs",
    [
        {},
        {"min_value": 3, "max_value": 1},
        {"min_value": "soon"},
        {"min_value": "2017-01-31T10:00:00", "max_value": "2017-01-31T10:00:00+01:00"},
    ],
    ids=["none", "swapped", "no bound", "swapped by an offset"],
)
def test_bounds_that_bound_nothing_are_refused(kwargs: dict[str, Any]) -> None:
    with pytest.raises(RuleError):
        both(kwargs)


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (2, 1.0, 3.0, True),
        (3, 1.0, 3.0, True),
        (4, 1.0, 3.0, False),
        (None, None, 3.0, False),
        (math.nan, None, 3.0, False),
        (datetime(2017, 1, 1), date(2017, 1, 1), None, True),
        (date(2017, 1, 1), datetime(2017, 1, 1, 1), None, False),
        (datetime(2017, 1, 1), datetime(2017, 1, 1, 0, tzinfo=UTC), None, True),
        (datetime(2017, 1, 1, tzinfo=UTC), None, datetime(2016, 12, 31), False),
    ],
)
def test_a_value_lies_within_its_bounds(value: Any, low: Any, high: Any, expected: bool) -> None:
    assert within(value, low, high) is expected


def test_values_without_an_order_are_refused() -> None:
    with pytest.raises(RuleError, match="cannot be compared"):
        within("text", 1.0, None)
