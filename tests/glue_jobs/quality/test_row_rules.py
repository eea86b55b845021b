"""Each rule about rows on small frames: what it counts, what passes, which keys it shows."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from lakehouse.contracts.suite import EXPECTATIONS
from tests.glue_jobs.builders import local_frame
from tests.glue_jobs.quality.frames import COLUMNS, SCHEMA
from tests.glue_jobs.quality.helpers import judged, rule
from tests.glue_jobs.quality.row_rule_cases import ROW_CASES


@pytest.mark.parametrize(
    ("title", "e", "data", "unexpected", "considered", "ids"),
    ROW_CASES,
    ids=[c[0] for c in ROW_CASES],
)
def test_row_rule(
    spark: SparkSession,
    title: str,
    e: Any,
    data: list[Any],
    unexpected: int,
    considered: int,
    ids: list[int | None],
) -> None:
    data = [tuple(_decimal(v) if c == "price" else v for c, v in zip(COLUMNS, r, strict=True)) for r in data]
    result = judged(local_frame(spark, SCHEMA, *data), e)[0]
    assert result.exception is None
    assert (result.unexpected_count, result.element_count - (result.missing_count or 0), result.success) == (
        unexpected,
        considered,
        not ids,
    )
    assert [json.loads(k) for k in result.sample_keys] == [{"id": i} for i in ids]
    assert result.unexpected_percent == (unexpected / considered * 100 if considered else None)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


@pytest.mark.parametrize(
    "kind",
    sorted(k for k in EXPECTATIONS if k.startswith("expect_column_values") or "pair" in k or "lengths" in k),
)
def test_an_empty_table_keeps_every_rule_about_rows(spark: SparkSession, kind: str) -> None:
    arguments = {
        "column": "name" if "regex" in kind or "lengths" in kind else "n",
        "value_set": [1],
        "regex": "a",
        "min_value": 1,
        "column_A": "n",
        "column_B": "id",
        "table": "t",
        "table_column": "k",
    }
    needs, takes = EXPECTATIONS[kind]
    e = rule(kind, **{k: v for k, v in arguments.items() if k in needs | takes})
    result = judged(spark.createDataFrame([], SCHEMA), e, tables={"t": spark.createDataFrame([], "k int")})[0]
    assert (result.success, result.unexpected_count, result.unexpected_percent, result.exception) == (
        True,
        0,
        None,
        None,
    )
