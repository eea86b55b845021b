"""The rules of a contract as SQL conditions."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.contract import validate_and_quarantine
from glue_jobs.contract.sql_literals import literal
from lakehouse.contracts import Contract
from tests.glue_jobs.builders import contract, frame
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


def test_text_that_the_lakebase_cannot_hold_is_a_broken_rule(spark: SparkSession) -> None:
    columns = {"id": {"type": "integer"}, "note": {"type": ["string", "null"]}}
    lakebase = contract(properties=columns, store="postgres", sequence=None)
    rows = frame(spark, "id bigint, note string", (1, "a\0b"), (2, "ab"), (3, None))
    checked = validate_and_quarantine(rows, lakebase)
    flags = checked.rows.select("id", checked.is_invalid.alias("bad"), checked.reasons.alias("why")).collect()
    assert [(r.id, r.bad, r.why) for r in flags] == [
        (1, True, ["note: a text without NUL"]),
        (2, False, []),
        (3, False, []),
    ]


def test_bounds_are_exact_whatever_their_digits(spark: SparkSession) -> None:
    wide = {"type": "integer", "minimum": 9007199254740993}
    fine = {"type": "number", "x-lake": {"type": "decimal(8,2)"}, "exclusiveMinimum": 0.005, "maximum": 1.999}
    of = contract(properties={"id": wide, "amount": fine}, sequence=None)
    cases = [
        (9007199254740993, "0.01"),
        (9007199254740992, "1.99"),
        (9007199254740994, "2.00"),
        (2**60, "0.00"),
    ]
    rows = frame(spark, "id bigint, amount decimal(8,2)", *[(n, Decimal(text)) for n, text in cases])
    checked = validate_and_quarantine(rows, of)
    flags = checked.rows.select("id", checked.is_invalid.alias("bad")).collect()
    assert [r.bad for r in flags] == [False, True, True, True]
