"""What leaves bronze of personal data."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from pyspark.sql import SparkSession

from glue_jobs.contract import masked
from glue_jobs.errors import RunError
from lakehouse.contracts.masking import masks_on_read
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
    rows = masked(
        frame(spark, "id bigint, email string", (1, " Ann@B.c"), (2, None)), masks_on_read(pii), key
    )
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
    rows = masked(frame(spark, "id bigint, email string", (1, "a@b.c")), masks_on_read(pii), "ab" * 32)
    plan = rows._jdf.queryExecution().toString()
    assert "abab" not in plan.lower().replace(" ", "")


def test_dropped_column_is_gone_and_partial_shows_two_characters_of_long_values_only(
    spark: SparkSession,
) -> None:
    columns = {
        "id": {"type": "integer"},
        "name": {"type": ["string", "null"], "x-lake": {"mask": "drop"}},
        "phone": {"type": ["string", "null"], "x-lake": {"mask": "partial"}},
    }
    values = [(1, "Ann", "555-0142"), (2, "Li", "Li"), (3, "Bo", "1234567"), (4, "Cy", None)]
    rows = masked(
        frame(spark, "id bigint, name string, phone string", *values),
        masks_on_read(contract("bronze.p", columns)),
        "",
    )
    assert rows.columns == ["id", "phone"]
    phones = {row.id: row.phone for row in rows.collect()}
    assert phones == {1: "***42", 2: "***", 3: "***", 4: None}


@pytest.mark.parametrize("key", ["", "00", "ab" * 31, "ab" * 65, "no hexadecimal" * 4, "zz" * 32])
def test_a_key_that_is_no_key_is_refused_and_not_shown(spark: SparkSession, key: str) -> None:
    with pytest.raises(RunError, match="RUN071") as caught:
        masked(frame(spark, "email string", ("a@b.c",)), {"email": "hash"}, key)
    assert not key or key not in str(caught.value)
