"""Rows that keep or break their contract, and the rules that they break."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pyspark.sql import SparkSession

from glue_jobs.contract import align_to_schema, validate_and_quarantine
from lakehouse.contracts import Contract
from tests.glue_jobs.builders import contract, frame
from tests.glue_jobs.contract.orders import GOOD, ORDER, reasons


def test_sound_row_breaks_nothing(spark: SparkSession, order: Contract) -> None:
    assert reasons(spark, order, GOOD, ("2", "2017-01-01", None, "EUR", None, None)) == [[], []]


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("id", None, "id: required"),
        ("id", "twelve", "id: type bigint"),
        ("id", "0", "id: minimum 1.0"),
        ("day", "2017-13-45", "day: type date"),
        ("day", "2017", "day: type date"),
        ("amount", "1e400", "amount: type decimal(8,2)"),
        ("amount", "99999999.99", "amount: type decimal(8,2)"),
        ("currency", "usd", "currency: pattern ^[A-Z]{3}$"),
        ("email", "nobody", "email: format email"),
        ("email", "x" * 40 + "@b.c", "email: max_length 30"),
        ("kind", "carrier_pigeon", "kind: enum ['a', 'b', None]"),
    ],
)
def test_broken_cell_is_named_with_its_rule(
    spark: SparkSession, order: Contract, column: str, value: str | None, why: str
) -> None:
    row = tuple(value if name == column else cell for name, cell in zip(ORDER, GOOD, strict=True))
    assert reasons(spark, order, row) == [[why]]


def test_every_broken_rule_of_a_row_is_named(spark: SparkSession, order: Contract) -> None:
    assert reasons(spark, order, (None, "?", "9.50", "usd", "a@b.c", "a")) == [
        ["id: required", "day: type date", "currency: pattern ^[A-Z]{3}$"]
    ]


def test_wider_whole_number_that_fits_is_taken_and_one_that_does_not_is_broken(spark: SparkSession) -> None:
    narrow = contract(
        "silver.narrow",
        {
            "id": {"type": "integer", "x-lake": {"type": "bigint"}},
            "n": {"type": "integer", "x-lake": {"type": "bigint"}},
        },
    )
    rows = frame(spark, "id int, n decimal(20,0)", (1, Decimal(5)), (2, Decimal(10**19)))
    checked = validate_and_quarantine(align_to_schema(rows, narrow, text=False), narrow)
    assert [(r.id, r.bad) for r in checked.rows.select("id", checked.is_invalid.alias("bad")).collect()] == [
        (1, False),
        (2, True),
    ]
