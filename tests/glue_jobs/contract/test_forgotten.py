"""Rows of forgotten persons are flagged by every name that they are known by, and are no invalid rows."""

from __future__ import annotations

import hashlib
import hmac

from pyspark.sql import SparkSession

from glue_jobs.contract.forgotten import FORGOTTEN, flag_forgotten
from glue_jobs.contract.validate import INVALID
from tests.glue_jobs.builders import frame

KEY = "ab" * 32


def hashed(text: str) -> str:
    return hmac.new(bytes.fromhex(KEY), text.encode(), hashlib.sha256).hexdigest()


def test_a_row_is_of_a_forgotten_person_by_its_typed_or_its_sent_value(spark: SparkSession) -> None:
    rows = frame(
        spark,
        "customer bigint, _raw_customer string, email string, _bad boolean",
        (4711, "4711", None, True),
        (None, " 4711 ", "b@x", True),
        (5, "5", "ann@x.example", False),
        (5, "5", None, True),
        (None, None, None, True),
        (47110, "47110", "b@x", False),
    )
    hashes = {"customer_id": [hashed("customer_id=4711")], "email": [hashed("email=ann@x.example")]}
    columns = {"customer_id": "customer", "email": "email"}
    flagged = flag_forgotten(rows, columns, hashes, KEY)
    assert flagged.columns == [*rows.columns, FORGOTTEN]
    assert [(r[FORGOTTEN], r[INVALID]) for r in flagged.collect()] == [
        (True, False),
        (True, False),
        (True, False),
        (False, True),
        (False, True),
        (False, False),
    ]
    assert KEY not in flagged._jdf.queryExecution().toString().lower().replace(" ", "")
