"""The results of a gate as rows and as documents of Great Expectations."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.quality.result import Result
from glue_jobs.quality.results import RESULTS_DDL, results_key, to_document, to_rows
from tests.glue_jobs.quality.helpers import RUN_DATE

KEPT = Result("silver.orders", "expect_column_to_exist", {"column": "id"}, "critical", True, 50_000)


DOUBLED = Result(
    "silver.orders",
    "expect_column_values_to_be_unique",
    {"column": "order_id", "mostly": 0.999},
    "critical",
    False,
    50_000,
    10_000,
    412,
    1.03,
    sample_keys=('{"order_id":1}', '{"order_id":7}'),
    why="An order counted twice is money that was never paid.",
)


STALE = Result(
    "silver.fx_rates",
    "expect_table_to_be_fresh",
    {"column": "day", "max_age_days": 4},
    "warn",
    False,
    31,
    observed_value=date(2017, 1, 20),
)


BROKEN = Result(
    "silver.orders",
    "expect_column_values_to_not_be_null",
    {"column": "x"},
    "critical",
    False,
    5,
    exception="the table has no column 'x'",
)


ALL = [KEPT, DOUBLED, STALE, BROKEN]


def test_rows_fit_the_results_table(spark: SparkSession) -> None:
    stored = spark.createDataFrame(to_rows(ALL, "r1", RUN_DATE, "dq_silver_gate"), RESULTS_DDL).collect()
    assert [(r.rule, r.expectation, r.success, r.unexpected_count) for r in stored] == [
        (i, r.expectation, r.success, r.unexpected_count) for i, r in enumerate(ALL)
    ]
    assert json.loads(stored[1].kwargs) == {"column": "order_id", "mostly": 0.999}
    assert (stored[1].sample_keys, stored[2].observed_value, stored[3].exception) == (
        list(DOUBLED.sample_keys),
        '"2017-01-20"',
        BROKEN.exception,
    )


def test_the_document_has_the_shape_of_great_expectations() -> None:
    document = json.loads(
        to_document(
            "silver.orders",
            [KEPT, DOUBLED, BROKEN],
            run_id="r1",
            run_date=RUN_DATE,
            job="g",
            key=["order_id"],
        )
    )
    assert document["success"] is False
    assert document["statistics"]["unsuccessful_expectations"] == 2
    kept, doubled, broken = document["results"]
    assert kept["result"] == {"observed_value": None}
    assert doubled["expectation_config"]["type"] == "expect_column_values_to_be_unique"
    assert (
        doubled["result"]["element_count"],
        doubled["result"]["unexpected_count"],
        doubled["result"]["missing_count"],
    ) == (
        50_000,
        412,
        10_000,
    )
    assert doubled["result"]["partial_unexpected_index_list"] == [{"order_id": 1}, {"order_id": 7}]
    assert broken["exception_info"] == {
        "raised_exception": True,
        "exception_message": BROKEN.exception,
        "exception_traceback": None,
    }


def test_great_expectations_reads_the_document() -> None:
    gx = pytest.importorskip("great_expectations.core.expectation_validation_result")
    document = json.loads(
        to_document("silver.orders", ALL, run_id="r1", run_date=RUN_DATE, job="g", key=["order_id"])
    )
    loaded = gx.expectationSuiteValidationResultSchema.load(document)
    assert (loaded["success"], len(loaded["results"]), loaded["statistics"]["successful_expectations"]) == (
        False,
        4,
        1,
    )


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, Decimal("1.50"), date(2017, 1, 1), datetime(2017, 1, 1), ["a"], "x", None],
    ids=lambda v: type(v).__name__,
)
def test_every_observed_value_is_strict_json(value: Any) -> None:
    document = to_document(
        "silver.orders", [replace(STALE, observed_value=value)], run_id="r", run_date=RUN_DATE, job="g"
    )
    json.loads(document, parse_constant=pytest.fail)
    assert len(to_rows([replace(STALE, observed_value=value)], "r", RUN_DATE, "g")) == 1


def test_results_lie_by_layer_table_and_day() -> None:
    assert results_key("silver.orders", RUN_DATE, "r1") == "silver/orders/dt=2017-01-31/run_id=r1.json"
