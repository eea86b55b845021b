"""Rules about rows, values that keep them and values that break them."""

from __future__ import annotations

import math
from typing import Any

from lakehouse.contracts import Expectation
from tests.glue_jobs.quality.frames import day, row, rows, ts
from tests.glue_jobs.quality.helpers import rule


def not_null(column: str, **more: Any) -> Expectation:
    return rule("expect_column_values_to_not_be_null", column=column, **more)


def unique(column: str) -> Expectation:
    return rule("expect_column_values_to_be_unique", column=column)


def unique_key(columns: list[str]) -> Expectation:
    return rule("expect_compound_columns_to_be_unique", column_list=columns)


def in_set(column: str, value_set: list[Any]) -> Expectation:
    return rule("expect_column_values_to_be_in_set", column=column, value_set=value_set)


def matches(column: str, regex: str) -> Expectation:
    return rule("expect_column_values_to_match_regex", column=column, regex=regex)


def between(column: str, **bounds: Any) -> Expectation:
    return rule("expect_column_values_to_be_between", column=column, **bounds)


def length(column: str, **bounds: Any) -> Expectation:
    return rule("expect_column_value_lengths_to_be_between", column=column, **bounds)


def greater(a: str, b: str, **more: Any) -> Expectation:
    return rule("expect_column_pair_values_a_to_be_greater_than_b", column_A=a, column_B=b, **more)


# (title, rule, rows, unexpected rows, considered rows, ids shown: none where the rule holds)
ROW_CASES: list[tuple[str, Any, list[Any], int, int, list[int | None]]] = [
    ("no null", not_null("name"), rows("name", "a", ""), 0, 2, []),
    ("nulls are counted over all rows", not_null("name"), rows("name", "a", None, None), 2, 3, [2, 3]),
    ("a share exactly at mostly holds", not_null("name", mostly=0.5), rows("name", "a", None), 1, 2, []),
    ("a share below mostly fails", not_null("name", mostly=0.51), rows("name", "a", None), 1, 2, [2]),
    ("all distinct", unique("name"), rows("name", "a", "b", "A"), 0, 3, []),
    (
        "all members of a group are unexpected",
        unique("name"),
        rows("name", "a", "b", "a", "a"),
        3,
        4,
        [1, 3, 4],
    ),
    ("nulls are no duplicates", unique("name"), rows("name", None, None, "a"), 0, 1, []),
    (
        "zero equals minus zero, NaN equals NaN",
        unique("ratio"),
        rows("ratio", 0.0, -0.0, math.nan, math.nan, 1.0),
        4,
        5,
        [1, 2, 3, 4],
    ),
    (
        "a null in a key equals a null",
        unique_key(["name", "n"]),
        [row(1, name="a"), row(2, name="a"), row(3, n=1), row(4)],
        2,
        3,
        [1, 2],
    ),
    ("values of the set", in_set("n", value_set=[1, 2]), rows("n", 1, 2, None), 0, 2, []),
    ("values beyond the set", in_set("name", value_set=["a"]), rows("name", "a", "A", " a"), 2, 3, [2, 3]),
    ("a null in a set is no value", in_set("name", ["a", None]), rows("name", "a", "b", None), 1, 2, [2]),
    ("a set of null has nothing", in_set("n", [None]), rows("n", 1, None), 1, 1, [1]),
    ("an empty set has nothing", in_set("n", value_set=[]), rows("n", 1), 1, 1, [1]),
    (
        "dates are written as text",
        in_set("day", value_set=["2017-01-01"]),
        rows("day", day("2017-01-01"), day("2017-01-02")),
        1,
        2,
        [2],
    ),
    (
        "a quote in a value is only a quote",
        in_set("name", value_set=["x' OR '1'='1"]),
        rows("name", "a"),
        1,
        1,
        [1],
    ),
    ("a match anywhere will do", matches("name", regex="b"), rows("name", "abc", "b"), 0, 2, []),
    ("anchors hold", matches("name", regex="^b$"), rows("name", "abc", "b", None), 1, 2, [1]),
    (
        "bounds belong to the range",
        between("n", min_value=1, max_value=3),
        rows("n", 1, 2, 3, None),
        0,
        3,
        [],
    ),
    ("below and above", between("n", min_value=1, max_value=3), rows("n", 0, 4, 2), 2, 3, [1, 2]),
    (
        "strict bounds do not",
        between("n", min_value=1, max_value=3, strict_min=True, strict_max=True),
        rows("n", 1, 2, 3),
        2,
        3,
        [1, 3],
    ),
    ("a fraction bounds whole numbers", between("n", min_value=1.5), rows("n", 1, 2), 1, 2, [1]),
    (
        "a decimal equal to the bound is in",
        between("price", min_value=0.1, max_value=0.3),
        rows("price", 0.1, 0.3),
        0,
        2,
        [],
    ),
    ("NaN is above everything", between("ratio", max_value=9), rows("ratio", math.nan, 1.0), 1, 2, [1]),
    (
        "a date bounds timestamps by its midnight",
        between("at", max_value="2017-01-01"),
        rows("at", ts("2017-01-01"), ts("2017-01-01T00:00:01")),
        1,
        2,
        [2],
    ),
    ("only nulls hold vacuously", between("n", min_value=1), rows("n", None, None), 0, 0, []),
    (
        "lengths are of characters, not bytes",
        length("name", min_value=2, max_value=2),
        rows("name", "äö", "a", None),
        1,
        2,
        [2],
    ),
    ("greater", greater("n", "id"), [row(1, n=2), row(2, n=2), row(3)], 1, 3, [2]),
    ("greater or equal", greater("n", "id", or_equal=True), [row(1, n=2), row(2, n=2)], 0, 2, []),
    ("two nulls are ignored", greater("valid_to", "valid_from"), [row(1)], 0, 0, []),
]
