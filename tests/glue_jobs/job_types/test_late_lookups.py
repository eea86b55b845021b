"""Facts are the same whenever their customers, products and rates arrive."""

from __future__ import annotations

import json
import random

import pytest
from polars.testing import assert_frame_equal
from pyspark.sql import SparkSession

from glue_jobs.state.audit import Counts
from lakehouse.environments import Environment
from tests.glue_jobs.job_types.late_harness import (
    CUSTOMERS,
    ORDERS,
    PRODUCTS,
    RATES,
    Shop,
    cut,
    history,
    moment,
)
from tests.glue_jobs.job_types.late_oracle import expected


@pytest.fixture
def shop(local_env: Environment, spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("LAKEHOUSE_SECRET_PII_KEY", json.dumps({"key": "0123456789abcdef" * 4}))
    return Shop(local_env, spark)


def check_batches(shop: Shop, seed: int, parts: int) -> None:
    rows = history(seed)
    for batch in cut(rows, parts, seed):
        shop.load(batch)
    assert_frame_equal(shop.facts(), expected(rows))
    rejected = shop.rejected()
    assert sorted(set(rejected)) == rejected


# A thousand generated histories show the same of other jobs in every run of the tests.
@pytest.mark.slow
def test_facts_of_late_customers_products_and_rates_equal_duckdb(shop: Shop) -> None:
    check_batches(shop, seed=1, parts=2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 8))
def test_facts_of_any_order_equal_duckdb(shop: Shop, seed: int) -> None:
    check_batches(shop, seed, parts=random.Random(seed).randrange(1, 5))


@pytest.mark.slow
def test_only_the_days_that_look_up_something_else_are_derived_again(shop: Shop) -> None:
    rows = history(9)
    late = [row for row in rows[CUSTOMERS] if row["customer_id"] == 3]
    rows[CUSTOMERS] = [row for row in rows[CUSTOMERS] if row["customer_id"] != 3]
    shop.load(rows)
    assert set(shop.run().values()) == {Counts()}
    counts = shop.load({CUSTOMERS: late})
    rows[CUSTOMERS] += late
    right = expected(rows)
    assert_frame_equal(shop.facts(), right)
    # Customer 3 bought on day 2 (order 2, beside order 12) and on day 9 (order 9).
    assert counts["gold.fact_sales"].written == len(right.filter(right["order_id"].is_in([2, 12, 9])))


@pytest.mark.slow
def test_orders_that_had_no_rate_enter_when_it_comes_and_are_rejected_once(shop: Shop) -> None:
    rows = history(10)
    rates, rows[RATES] = rows[RATES], []
    shop.load(rows)
    lines = {(o["order_id"], o["line_number"], str(o["amount"])) for o in rows[ORDERS]}
    assert len(shop.rejected()) == len(rows[ORDERS])
    shop.load({RATES: [r for r in rates if r["rate_date"] < moment(4).date()]})
    shop.load({RATES: [r for r in rates if r["rate_date"] >= moment(4).date()]})
    rows[RATES] = rates
    assert_frame_equal(shop.facts(), expected(rows))
    assert len(shop.rejected()) == len(rows[ORDERS])
    assert {(o, n, f"{float(a):.2f}") for o, n, a in shop.rejected()} == {
        (o, n, f"{float(a):.2f}") for o, n, a in lines
    }


@pytest.mark.slow
def test_a_change_that_no_row_looks_up_derives_nothing_again(shop: Shop) -> None:
    rows = history(11)
    shop.load(rows)
    renamed = [{**row, "brand": "other", "updated_at": moment(9, 21)} for row in rows[PRODUCTS]]
    counts = shop.load({PRODUCTS: renamed})
    assert counts["gold.dim_product"].written == len(renamed)
    assert counts["gold.fact_sales"] == Counts()
