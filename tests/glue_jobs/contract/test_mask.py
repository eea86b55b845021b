"""What leaves bronze of personal data."""

from __future__ import annotations

import hashlib
import hmac

from pyspark.sql import SparkSession

from glue_jobs.contract import masked
from tests.glue_jobs.builders import contract, frame


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
    expected = hmac.new(bytes.fromhex(key), b"ann@b.c", hashlib.sha256).hexdigest()
    assert [r.email for r in rows.orderBy("id").collect()] == [expected, None]


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
