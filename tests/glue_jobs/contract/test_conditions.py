"""The rules of a contract as SQL conditions."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.contract.conditions import literal
from lakehouse.contracts import Contract
from tests.glue_jobs.contract.orders import GOOD, reasons


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
