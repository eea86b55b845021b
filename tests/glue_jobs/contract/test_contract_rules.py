"""What happens to rows that keep or break their contract."""

from __future__ import annotations

import hashlib
import hmac
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.contract import align_to_schema, masked, validate_and_quarantine
from glue_jobs.contract.conditions import literal
from glue_jobs.errors import RunError
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
    found = frame(
        spark, "id string, day string, amount string, currency string, email string, kind string", *rows
    )
    checked = validate_and_quarantine(align_to_schema(found, order, text=text), order)
    return [
        r.why if r.bad else []
        for r in checked.rows.select(checked.is_invalid.alias("bad"), checked.reasons.alias("why")).collect()
    ]


GOOD = ("1", "2017-01-01", "9.50", "USD", "a@b.c", "a")


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


def test_columns_are_matched_by_name_whatever_their_order(spark: SparkSession, order: Contract) -> None:
    reordered = frame(
        spark,
        "kind string, email string, currency string, amount string, day string, id string",
        ("a", "a@b.c", "USD", "1.00", "2017-01-01", "7"),
    )
    row = align_to_schema(reordered, order, text=True).first()
    assert row is not None
    assert (row.id, str(row.day), row.currency) == (7, "2017-01-01", "USD")


def test_retyped_source_column_is_an_error_and_never_shifted_data(
    spark: SparkSession, order: Contract
) -> None:
    retyped = frame(
        spark, "id string, day date, amount decimal(8,2), currency string, email string, kind string"
    )
    with pytest.raises(RunError, match=r"RUN111 .*id: the source has string, the contract bigint"):
        align_to_schema(retyped, order, text=False)


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


def test_hashed_column_is_the_hmac_that_python_computes(spark: SparkSession) -> None:
    pii = contract(
        "bronze.people",
        {
            "id": {"type": "integer"},
            "email": {"type": ["string", "null"], "x-lake": {"tags": {"pii": "email"}, "mask": "hash"}},
        },
    )
    key = "00" * 31 + "ff"
    rows = masked(spark, frame(spark, "id bigint, email string", (1, " Ann@B.c"), (2, None)), pii, key)
    wanted = hmac.new(bytes.fromhex(key), b"ann@b.c", hashlib.sha256).hexdigest()
    assert [r.email for r in rows.orderBy("id").collect()] == [wanted, None]


def test_key_of_the_mask_stands_in_no_plan(spark: SparkSession) -> None:
    pii = contract(
        "bronze.people",
        {
            "id": {"type": "integer"},
            "email": {"type": ["string", "null"], "x-lake": {"tags": {"pii": "email"}, "mask": "hash"}},
        },
    )
    rows = masked(spark, frame(spark, "id bigint, email string", (1, "a@b.c")), pii, "ab" * 32)
    plan = rows._jdf.queryExecution().toString()
    assert "abab" not in plan.lower().replace(" ", "")


def test_dropped_column_is_gone_and_partial_shows_two_characters(spark: SparkSession) -> None:
    columns = {
        "id": {"type": "integer"},
        "name": {"type": ["string", "null"], "x-lake": {"mask": "drop"}},
        "phone": {"type": ["string", "null"], "x-lake": {"mask": "partial"}},
    }
    rows = masked(
        spark,
        frame(spark, "id bigint, name string, phone string", (1, "Ann", "555-0142")),
        contract("bronze.p", columns),
        "00",
    )
    assert [r.asDict() for r in rows.collect()] == [{"id": 1, "phone": "***42"}]


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
    found = spark.range(1).select(*[F.expr(literal(text)) for text in texts]).collect()[0]
    assert list(found) == texts


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
