"""Messages against their contract, with their reasons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.errors import RunError
from glue_jobs.streaming.json_rows import rows_of_json
from glue_jobs.streaming.row_validation import (
    apply_user_function,
    with_ingest_ts,
    with_reasons,
    with_validity,
)
from tests.glue_jobs.streaming.frames import MAX_BYTES, messages, topic_contract


def test_an_invalid_message_has_its_reasons_and_a_valid_one_none(spark: SparkSession) -> None:
    contract = topic_contract()
    values: tuple[Any, ...] = ({"id": 1}, {"id": 0}, {"id": 2, "amount": "x"}, "no JSON", None)
    rows = with_validity(rows_of_json(messages(spark, *values), contract, MAX_BYTES), contract)
    validated = with_reasons(rows, contract)
    reasons = validated.rows.select("_offset", validated.reasons.alias("reasons")).orderBy("_offset")
    assert [(r._offset, r.reasons) for r in reasons.collect()] == [
        (1, ["id: minimum 1.0"]),
        (2, ["amount: type decimal(8,2)"]),
        (3, ["format: the line cannot be read"]),
        (4, ["message: a tombstone, it has no value"]),
    ]


def test_a_deletion_needs_only_its_key_and_its_time(spark: SparkSession) -> None:
    columns: dict[str, Any] = {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "changed_at": {"type": "string", "format": "date-time", "x-lake": {"source": "cdc:ts_ms"}},
        "deleted": {"type": "boolean"},
    }
    contract = topic_contract("cdc", columns, write="merge", delete_flag="deleted")
    values = [
        {"op": "d", "before": {"id": 1}, "ts_ms": 1},
        {"op": "d", "before": {"name": "x"}, "ts_ms": 1},
        {"op": "c", "after": {"id": 1}, "ts_ms": 1},
    ]
    rows = with_validity(rows_of_json(messages(spark, *values), contract, MAX_BYTES), contract)
    assert [r._bad for r in rows.orderBy("_offset").collect()] == [False, True, True]


def test_a_function_that_drops_a_column_is_refused(spark: SparkSession) -> None:
    rows = messages(spark, {"id": 1})
    with pytest.raises(RunError, match=r"RUN204 bronze\.events: its function returns no column topic"):
        apply_user_function(rows, lambda *, messages: messages.drop("topic"), topic_contract())


def test_the_time_of_a_batch_is_added_where_the_table_stores_it(spark: SparkSession) -> None:
    contract, rows = topic_contract(), messages(spark, {"id": 1})
    assert "_ingest_ts" in dict(contract.stored)
    [row] = with_ingest_ts(rows, contract, F.lit(datetime(2017, 1, 31))).collect()
    assert row._ingest_ts == datetime(2017, 1, 31)
