"""Which jobs rewind a dimension, and how a step is told to each."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lakehouse.contracts import load_schemas
from lakehouse.pipelines import load_pipelines
from lakehouse.pipelines.rewind import RewindRequest, rewind_route

JOBS = [job for pipeline in load_pipelines().values() for job in pipeline.jobs]


def test_a_dimension_is_rewound_by_the_jobs_between_bronze_and_itself() -> None:
    route = rewind_route(JOBS, load_schemas().contracts, "gold.dim_customer")
    assert route is not None
    assert [(job.name, table) for job, table in route.steps] == [
        ("bronze_to_silver", "silver.customers"),
        ("silver_to_gold", "gold.dim_customer"),
    ]
    assert route.sources == ("bronze.snowflake_customers",)


@pytest.mark.parametrize("table", ["gold.dim_product", "gold.fact_sales", "bronze.snowflake_orders"])
def test_a_table_that_keeps_no_versions_is_not_rewound(table: str) -> None:
    assert rewind_route(JOBS, load_schemas().contracts, table) is None


def test_a_step_is_one_argument_of_a_job() -> None:
    request = RewindRequest("gold.dim_customer", "dim_customer-1a2b", datetime(2017, 1, 31, tzinfo=UTC))
    assert str(request) == "gold.dim_customer/dim_customer-1a2b/2017-01-31T00:00:00+00:00"
    assert RewindRequest.parse(str(request)) == request


@pytest.mark.parametrize(
    "text", ["", "gold.dim_customer", "gold.dim_customer/id", "a/../../x/2017-01-31", "a/b/c"]
)
def test_what_is_no_step_is_none(text: str) -> None:
    assert RewindRequest.parse(text) is None
