"""What a person on call reads, and what is kept of a gate's findings."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.quality.export import to_gx
from glue_jobs.quality.gate import GateFailedError, verdict
from glue_jobs.quality.result import Result
from glue_jobs.quality.results import RESULTS_DDL, results_key, to_document, to_rows
from lakehouse.contracts import Suite, load_schemas
from tests.glue_jobs.quality.helpers import RUN_DATE, rule

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


def test_failed_rules_are_told_apart_by_what_they_lead_to() -> None:
    found = verdict(ALL)
    assert (found.critical, found.warnings, found.passed) == ([DOUBLED, BROKEN], [STALE], False)


def test_a_failed_warning_lets_the_pipeline_pass() -> None:
    assert verdict([KEPT, STALE]).passed


def test_the_failure_says_what_is_wrong_how_much_of_it_and_where_to_look() -> None:
    assert str(
        GateFailedError(
            "dq_silver_gate", verdict(ALL), run_date=RUN_DATE, run_id="r1", results_in="silver.dq_results"
        )
    ).splitlines() == [
        "RUN301 dq_silver_gate stopped the pipeline: 2 critical rules failed for 2017-01-31. Nothing after this gate has run.",
        "  1. silver.orders: expect_column_values_to_be_unique(column=order_id, mostly=0.999): 412 of 40,000 rows (1.03 %, allowed 0.1 %)",
        '     first keys: {"order_id":1} {"order_id":7}',
        "     why it matters: An order counted twice is money that was never paid.",
        "  2. silver.orders: expect_column_values_to_not_be_null(column=x): could not be judged: the table has no column 'x'",
        "  Also failed, as warnings: silver.fx_rates: expect_table_to_be_fresh(column=day, max_age_days=4): found 2017-01-20 in 31 rows",
        "  All results: silver.dq_results, run_id r1",
    ]


def test_rows_fit_the_results_table(spark: SparkSession) -> None:
    found = spark.createDataFrame(to_rows(ALL, "r1", RUN_DATE, "dq_silver_gate"), RESULTS_DDL).collect()
    assert [(r.rule, r.expectation, r.success, r.unexpected_count) for r in found] == [
        (i, r.expectation, r.success, r.unexpected_count) for i, r in enumerate(ALL)
    ]
    assert json.loads(found[1].kwargs) == {"column": "order_id", "mostly": 0.999}
    assert (found[1].sample_keys, found[2].observed_value, found[3].exception) == (
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


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"column": "order_ts", "min_value": date(2017, 1, 1)}, {"min_value": "2017-01-01 00:00:00"}),
        ({"column": "order_date", "min_value": date(2017, 1, 1)}, {"min_value": "2017-01-01"}),
        (
            {"column": "order_date", "min_value": "2017-01-01", "max_value": "2017-01-02T10:00:00"},
            {"min_value": "2017-01-01 00:00:00"},
        ),
        ({"column": "quantity", "min_value": 1}, {"min_value": 1}),
    ],
)
def test_bounds_are_exported_as_great_expectations_can_compare_them(
    given: dict[str, Any], wanted: dict[str, Any]
) -> None:
    suite = Suite(table="silver.orders", expectations=[rule("expect_column_max_to_be_between", **given)])
    kwargs = to_gx(suite, load_schemas().contracts["silver.orders"])["expectations"][0]["kwargs"]
    assert {k: kwargs[k] for k in wanted} == wanted


def test_another_table_is_exported_by_the_name_that_the_catalog_has() -> None:
    reference = rule(
        "expect_column_values_to_exist_in_table", column="c`x", table="silver.customers", table_column="id"
    )
    suite = Suite(table="silver.orders", expectations=[reference])
    query = to_gx(suite, table_name=lambda name: f"lake_{name}")["expectations"][0]["kwargs"][
        "unexpected_rows_query"
    ]
    assert (
        query
        == "SELECT b.* FROM {batch} b LEFT ANTI JOIN `lake_silver`.`customers` k ON b.`c``x` = k.`id` WHERE b.`c``x` IS NOT NULL"
    )
