"""A suite with each kind of rule, and data that keeps and breaks it."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from lakehouse.contracts import Suite
from tests.glue_jobs.builders import local_frame
from tests.glue_jobs.quality.helpers import rule

SCHEMA = (
    "id bigint, line int, name string, email string, price decimal(18,4), ratio double, day date, "
    "at timestamp, f timestamp, t timestamp, gone double"
)


CURRENCIES = ["USD", "EUR", "JPY"]


EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"


REFERENCE = rule(
    "expect_column_values_to_exist_in_table", column="name", table="known_names", table_column="k"
)


RULES = [
    rule("expect_table_row_count_to_be_between", min_value=1, max_value=100),
    rule("expect_table_row_count_to_be_between", "warn", min_value=61),
    rule("expect_table_columns_to_match_set", column_set=[c.split()[0] for c in SCHEMA.split(", ")]),
    rule("expect_table_columns_to_match_set", "warn", column_set=["id", "name"], exact_match=False),
    rule("expect_table_columns_to_match_set", column_set=["id", "name"]),
    rule("expect_column_to_exist", column="email"),
    rule("expect_column_to_exist", column="e_mail"),
    rule("expect_column_values_to_not_be_null", column="id"),
    rule("expect_column_values_to_not_be_null", column="email", mostly=0.9),
    rule("expect_column_values_to_not_be_null", column="absent"),
    rule("expect_column_values_to_be_unique", column="id"),
    rule("expect_column_values_to_be_unique", column="ratio", mostly=0.5),
    rule("expect_column_values_to_be_unique", column="gone"),
    rule("expect_compound_columns_to_be_unique", column_list=["id", "line"]),
    rule("expect_compound_columns_to_be_unique", column_list=["email", "day"], mostly=0.8),
    rule("expect_column_values_to_be_in_set", column="name", value_set=CURRENCIES),
    rule("expect_column_values_to_be_in_set", column="line", value_set=[1, 2, 3], mostly=0.7),
    rule("expect_column_values_to_be_in_set", column="line", value_set=[1, 2]),
    rule(
        "expect_column_values_to_be_in_set", column="day", value_set=[date(2017, 1, i) for i in range(1, 32)]
    ),
    rule("expect_column_values_to_be_in_set", column="name", value_set=[]),
    rule("expect_column_values_to_be_in_set", column="name", value_set=["USD", None]),
    rule("expect_column_values_to_match_regex", column="email", regex=EMAIL),
    rule("expect_column_values_to_match_regex", column="name", regex="S", mostly=0.2),
    rule("expect_column_values_to_be_between", column="price", min_value=0, max_value=100),
    rule("expect_column_values_to_be_between", column="price", min_value=0.1, strict_min=True),
    rule(
        "expect_column_values_to_be_between",
        column="ratio",
        min_value=0,
        max_value=1,
        strict_max=True,
        mostly=0.9,
    ),
    rule("expect_column_values_to_be_between", column="line", min_value=1.5, max_value=3),
    rule(
        "expect_column_values_to_be_between",
        column="day",
        min_value="2017-01-01",
        max_value=date(2017, 1, 31),
    ),
    rule(
        "expect_column_values_to_be_between",
        column="at",
        min_value="2017-01-01",
        max_value="2017-01-31T23:59:59",
    ),
    rule("expect_column_values_to_be_between", column="gone", min_value=0),
    rule("expect_column_values_to_be_between", column="line", min_value=3, max_value=1),
    rule("expect_column_value_lengths_to_be_between", column="name", min_value=3, max_value=3),
    rule("expect_column_value_lengths_to_be_between", column="email", max_value=20, mostly=0.95),
    rule("expect_column_pair_values_a_to_be_greater_than_b", column_A="t", column_B="f"),
    rule(
        "expect_column_pair_values_a_to_be_greater_than_b",
        column_A="t",
        column_B="f",
        or_equal=True,
        mostly=0.98,
    ),
    rule("expect_column_mean_to_be_between", column="price", min_value=1, max_value=50),
    rule("expect_column_mean_to_be_between", column="ratio", min_value=0, max_value=1),
    rule("expect_column_mean_to_be_between", column="name", min_value=0),
    rule("expect_column_sum_to_be_between", column="line", min_value=100, max_value=150),
    rule("expect_column_sum_to_be_between", column="price", min_value=0),
    rule("expect_column_max_to_be_between", column="day", max_value="2017-01-31"),
    rule("expect_column_max_to_be_between", column="at", max_value="2017-01-31T23:59:59"),
    rule("expect_column_max_to_be_between", column="price", min_value=0, max_value=100),
    rule("expect_column_min_to_be_between", column="ratio", min_value=0),
    rule("expect_column_min_to_be_between", column="gone", min_value=0),
    REFERENCE,
    REFERENCE.model_copy(update={"kwargs": REFERENCE.kwargs | {"mostly": 0.95}}),
    rule("expect_table_to_be_fresh", column="day", max_age_days=1),
    rule("expect_table_to_be_fresh", column="at", max_age_days=0),
    rule("expect_intervals_to_be_contiguous", column_list=["id"], valid_from="f", valid_to="t"),
]


SUITE = Suite(table="silver.orders", expectations=RULES)


def clean() -> list[tuple[Any, ...]]:
    start, never = datetime(2017, 1, 1), datetime(9999, 12, 31)
    return [
        (
            *(i, i % 3 + 1, CURRENCIES[i % 3], f"u{i}@shop.com", Decimal(i), i / 60),
            *(start.date() + timedelta(i % 31), start + timedelta(hours=12 * i), start, never, None),
        )
        for i in range(60)
    ]


def dirty() -> list[tuple[Any, ...]]:
    """The clean rows, every third of them broken in one of many ways, and some of them twice."""
    chance = random.Random(7)
    broken = {
        0: [None, 3, 4],
        1: [None, 0, 99],
        2: [None, "usd", "", "USDX"],
        3: [None, "nobody", "a b@c.d", "x" * 30 + "@y.z"],
        4: [None, Decimal("-0.0001"), Decimal("0.1"), Decimal("1000")],
        5: [None, float("nan"), -0.0, 0.0, 1.0, -1.0, float("inf")],
        6: [None, date(2016, 12, 31), date(2017, 1, 30), date(2017, 2, 1)],
        7: [None, datetime(2016, 12, 31, 23), datetime(2017, 1, 31, 23, 59, 59)],
        8: [None, datetime(2017, 2, 1)],
        9: [None, datetime(2017, 1, 1), datetime(2016, 1, 1)],
    }
    rows = [list(r) for r in clean()]
    for row in rows[::3]:
        for column in chance.sample(sorted(broken), 3):
            row[column] = chance.choice(broken[column])
    return [tuple(r) for r in rows + rows[:9]]


def data_of(spark: SparkSession, which: str) -> DataFrame:
    return local_frame(spark, SCHEMA, *{"clean": clean, "dirty": dirty, "empty": list}[which]())
