"""When a rule passes, by its counts."""

from __future__ import annotations

from typing import Any

import pytest

from glue_jobs.quality.result import counted, observed, unjudged
from tests.glue_jobs.quality.helpers import TABLE, rule


@pytest.mark.parametrize(
    ("mostly", "considered", "unexpected", "success", "percent"),
    [
        (1.0, 10, 0, True, 0.0),
        (1.0, 10, 1, False, 10.0),
        (0.9, 10, 1, True, 10.0),
        (0.9, 10, 2, False, 20.0),
        (1.0, 0, 0, True, None),
    ],
)
def test_a_rule_about_rows_passes_with_its_share_of_the_considered_rows(
    mostly: float, considered: int, unexpected: int, success: bool, percent: float | None
) -> None:
    e = rule("expect_column_values_to_not_be_null", column="x", mostly=mostly)
    result = counted(TABLE, e, 12, considered, unexpected)
    assert (result.success, result.unexpected_percent) == (success, percent)
    assert (result.element_count, result.missing_count) == (12, 12 - considered)


@pytest.mark.parametrize("value", [None, 3, "2017-01-31"])
def test_a_rule_about_the_table_shows_what_was_observed(value: Any) -> None:
    e = rule("expect_column_max_to_be_between", column="x", max_value=3)
    result = observed(TABLE, e, 12, True, value)
    assert (result.observed_value, result.unexpected_count, result.success) == (value, None, True)


def test_a_rule_that_does_not_fit_has_failed() -> None:
    result = unjudged(TABLE, rule("expect_column_to_exist", column="x"), 12, "no such column")
    assert (result.success, result.exception) == (False, "no such column")
