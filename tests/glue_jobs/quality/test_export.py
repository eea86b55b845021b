"""Suites as Great Expectations reads them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from glue_jobs.quality.export import to_gx
from lakehouse.contracts import Suite, load_schemas
from tests.glue_jobs.quality.helpers import rule


@pytest.mark.parametrize(
    ("given", "expected"),
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
    given: dict[str, Any], expected: dict[str, Any]
) -> None:
    suite = Suite(table="silver.orders", expectations=[rule("expect_column_max_to_be_between", **given)])
    kwargs = to_gx(suite, load_schemas().contracts["silver.orders"])["expectations"][0]["kwargs"]
    assert {k: kwargs[k] for k in expected} == expected


def test_another_table_is_exported_by_the_name_that_the_catalog_has() -> None:
    reference = rule(
        "expect_column_values_to_exist_in_table", column="c`x", table="silver.customers", table_column="id"
    )
    suite = Suite(table="silver.orders", expectations=[reference])
    query = to_gx(suite, table_name=lambda name: f"lake_{name}")["expectations"][0]["kwargs"][
        "unexpected_rows_query"
    ]
    assert query == (
        "SELECT b.* FROM {batch} b LEFT ANTI JOIN `lake_silver`.`customers` k "
        "ON b.`c``x` = k.`id` WHERE b.`c``x` IS NOT NULL"
    )
