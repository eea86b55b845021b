"""Retail's dimension of customers, spoiled from a day on and rewound, is as if it had never been wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest
from deltalake import DeltaTable

from cli.tables.storage import storage_options
from lakehouse.environments import names
from tests.retail.conftest import OpenRetailWorld

FIRST, LAST, AGAIN = date(2017, 1, 1), date(2017, 1, 31), "2017-01-10"
DIMENSION = "gold.dim_customer"


@pytest.mark.slow
def test_a_spoiled_dimension_rewound_equals_one_that_was_never_wrong(
    open_retail_world: OpenRetailWorld,
) -> None:
    world = open_retail_world("rewind")
    world.load(FIRST, LAST)
    outcomes = world.run(LAST)
    assert {o["status"] for o in outcomes.values()} == {"done"}
    gold = world.gold()
    began = pl.col("valid_since") >= datetime.fromisoformat(AGAIN).replace(tzinfo=UTC)
    versions = world.table(DIMENSION)
    assert versions.filter(began).height > 0
    table = DeltaTable(names.table_uri(world.env, DIMENSION), storage_options=storage_options(world.env))
    table.update(updates={"country": "'XX'"}, predicate=f"valid_since >= '{AGAIN}'")
    changed = versions.filter(began)["customer_sk"][0]
    table.delete(f"customer_sk = {changed}")
    assert world.gold()["dim_customer"] != gold["dim_customer"]
    words = ("scd2", "rewind", DIMENSION, "--env", "local", "--from", AGAIN, "--here", "--yes")
    process = world.lakehouse(*words)
    out, err = process.communicate(timeout=400)
    assert process.returncode == 0, out[-3000:] + err[-3000:]
    again = world.gold()
    for name in ("dim_customer", "fact_sales", "fact_orders", "fact_behavior"):
        assert again[name] == gold[name], name
    assert "undo: `lakehouse scd2 rewind" in out
