"""DuckDB, Spark and Python see one fingerprint in the same rows, and another one in other rows."""

from __future__ import annotations

import math
import random
import struct
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.warehouses.fingerprint import Fingerprint
from tests.glue_jobs.warehouses.fingerprint_oracles import (
    FIRST,
    MICROSECOND,
    ROWS,
    SALES,
    by_duckdb,
    by_python,
    by_spark,
)


def test_a_warehouse_computes_what_python_does_in_any_order_of_the_rows() -> None:
    assert by_duckdb(ROWS) == by_duckdb(ROWS[::-1]) == by_python(ROWS)
    assert by_duckdb(ROWS, '"id" < 3') == by_python(ROWS[:2])
    assert by_duckdb(ROWS, "1 = 0") == Fingerprint(0, 0, 0)


def test_spark_computes_what_python_does(spark: SparkSession) -> None:
    assert by_spark(spark, ROWS) == by_python(ROWS)
    assert by_spark(spark, ROWS, "id < 3") == by_python(ROWS[:2])


def test_floating_point_numbers_of_any_bits_count_exactly(spark: SparkSession) -> None:
    chance = random.Random(7)
    numbers = [2.0**n for n in range(-1074, 1024)]
    numbers += [math.nextafter(n, 0) for n in numbers[:2000]] + [math.nextafter(n, math.inf) for n in numbers]
    numbers += [struct.unpack("<d", chance.randbytes(8))[0] for _ in range(2000)]
    rows = [(*FIRST[:8], -n if i % 2 else n, FIRST[9]) for i, n in enumerate(numbers)]
    assert by_python(rows) == by_spark(spark, rows) == by_duckdb(rows)


def nearest(name: str) -> list[Any]:
    """Other values of a column, as near to the one of the first row as its type allows."""
    others: dict[str, list[Any]] = {
        "id": [2],
        "day": [FIRST[1] + timedelta(days=1)],
        "sold_at": [FIRST[2] + MICROSECOND, FIRST[2] - MICROSECOND],
        "amount": [Decimal("1234.5679"), Decimal("-1234.5678"), Decimal("123.4567")],
        "exact": [Decimal("123456789012345678.00000000000000000002"), Decimal(0)],
        "name": [FIRST[5] + " ", FIRST[5] + "\0", "", "~"],
        "code": ["a|b ", "", "~", "a|B"],
        "is_new": [False],
        "share": [math.nextafter(0.1, 1), math.nextafter(0.1, 0), -0.1, 0.0, math.nan, math.inf],
        "ratio": [0.5 + 2**-24, 0.25],
    }
    return [*others[name], *([] if name in ("id", "day") else [None])]


@pytest.mark.parametrize("name", SALES.column_names)
def test_the_nearest_other_value_in_one_column_is_another_fingerprint(name: str) -> None:
    i = SALES.column_names.index(name)
    prints = [by_duckdb([(*FIRST[:i], value, *FIRST[i + 1 :])]) for value in [FIRST[i], *nearest(name)]]
    assert len(set(prints)) == len(prints)


def test_what_stands_between_two_values_may_stand_in_a_value() -> None:
    texts = [("a|1:b", "c"), ("a", "1:b|c"), ("a|b", None), ("a", "b|~")]
    prints = [by_duckdb([(*FIRST[:5], name, code, *FIRST[7:])]) for name, code in texts]
    assert len(set(prints)) == len(prints)
