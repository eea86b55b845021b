"""The rules of a contract as SQL conditions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.contract import align_to_schema, validate_and_quarantine
from glue_jobs.contract.conditions import literal
from lakehouse.contracts import Contract
from tests.glue_jobs.builders import contract, frame

ORDER = {
    "id": {"type": "integer", "minimum": 1},
    "day": {"type": "string", "format": "date"},
    "amount": {"type": ["number", "null"], "x-lake": {"type": "decimal(8,2)"}},
    "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["USD", None]},
    "email": {"type": ["string", "null"], "format": "email", "maxLength": 30},
    "kind": {"type": ["string", "null"], "enum": ["a", "b", None]},
}


@pytest.fixture(scope="module")
def order() -> Contract:
    return contract(
        "bronze.orders",
        ORDER,
        write="append",
        sequence=None,
        source={"kind": "landing", "object": "x", "system": "x"},
    )


def reasons(
    spark: SparkSession, order: Contract, *rows: tuple[Any, ...], text: bool = True
) -> list[list[str]]:
    sent = frame(
        spark, "id string, day string, amount string, currency string, email string, kind string", *rows
    )
    checked = validate_and_quarantine(align_to_schema(sent, order, text=text), order)
    return [
        r.why if r.bad else []
        for r in checked.rows.select(checked.is_invalid.alias("bad"), checked.reasons.alias("why")).collect()
    ]


GOOD = ("1", "2017-01-01", "9.50", "USD", "a@b.c", "a")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=20))
@example(
    [
        "it's",
        "\\d+\\",
        "${env:HOME} ${spark.app.name}",
        "\\u0041",
        "a%_\\%\\_",
        "\n\t\0\r",
        "$",
        "''",
        "😀",
        "--",
        "/*",
        ";",
    ]
)
def test_text_of_a_contract_is_the_same_text_in_a_condition(spark: SparkSession, texts: list[str]) -> None:
    rows = spark.range(1).select(*[F.expr(literal(text)) for text in texts]).collect()[0]
    assert list(rows) == texts


def test_example_is_sound_and_other_values_are_held_against_the_pattern(
    spark: SparkSession, order: Contract
) -> None:
    rows = [(*GOOD[:3], currency, *GOOD[4:]) for currency in ("USD", "EUR", "usd", "")]
    assert reasons(spark, order, *rows) == [
        [],
        [],
        ["currency: pattern ^[A-Z]{3}$"],
        ["currency: pattern ^[A-Z]{3}$"],
    ]
