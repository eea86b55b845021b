"""The functions of a transform, and what they may ask for."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from glue_jobs.errors import RunError
from glue_jobs.job_types.transform import Transform
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract
from tests.glue_jobs.run_harness import job, run_context, schemas

ORDERS = contract("silver.orders", incremental_from=["bronze.orders"])


def transform(source: str) -> Transform:
    module = ModuleType("orders")
    module.__file__ = "pipelines/shop/transforms/orders.py"
    exec(source, module.__dict__)
    return Transform(module)


def test_a_table_without_a_function_is_an_error_with_a_code(aws_env: Environment) -> None:
    run = run_context(aws_env, job(reads=("bronze.orders",), writes=("silver.orders",)), schemas(ORDERS))
    with pytest.raises(RunError) as caught:
        transform("def order(*, bronze_orders): ...").execute(run)
    assert str(caught.value) == (
        "RUN214 pipelines/shop/transforms/orders.py has no function orders for silver.orders"
    )


def test_a_misspelt_input_is_an_error_with_the_nearest_name(aws_env: Environment) -> None:
    run = run_context(aws_env, job(reads=("bronze.orders",), writes=("silver.orders",)), schemas(ORDERS))
    with pytest.raises(RunError) as caught:
        transform("def orders(*, bronze_ordres, run_date): ...").execute(run)
    assert str(caught.value) == (
        "RUN214 silver.orders: its function has a parameter 'bronze_ordres', which is no table that "
        "job a_job reads or writes; did you mean 'bronze_orders'?"
    )


def test_the_parameters_of_a_function_are_its_inputs_but_for_the_injected_ones(aws_env: Environment) -> None:
    of = job(reads=("bronze.orders", "silver.fx_rates"), writes=("silver.orders",))
    run = run_context(aws_env, of, schemas(ORDERS))
    shop = transform("def orders(*, bronze_orders, silver_fx_rates, run_date, spark, params): ...")
    assert shop.inputs(run, "silver.orders") == ["bronze.orders", "silver.fx_rates"]


def test_inputs_of_a_table_may_be_other_tables_of_the_job(aws_env: Environment) -> None:
    of = job(reads=("bronze.orders",), writes=("silver.orders", "gold.sales"))
    run = run_context(aws_env, of, schemas(ORDERS))
    source: Any = "def gold_sales(*, silver_orders): ...\ndef sales(*, silver_orders): ..."
    assert transform(source).inputs(run, "gold.sales") == ["silver.orders"]
