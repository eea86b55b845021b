"""Tables as datasets of the lineage."""

from __future__ import annotations

from typing import Any

from glue_jobs.observability.lineage_tables import table_dataset
from tests.glue_jobs.builders import contract
from tests.glue_jobs.run_harness import schemas

ORDERS: dict[str, Any] = {
    "id": {"type": "integer"},
    "usd": {
        "type": "number",
        "x-lake": {"type": "decimal(18,2)", "derived_from": ["silver.fx.rate", "bronze.orders.amount"]},
    },
    "comment": {"type": ["string", "null"]},
}


def test_a_column_comes_from_what_its_contract_says_or_from_its_namesake() -> None:
    orders = contract("silver.orders", ORDERS, incremental_from=["bronze.orders"], sequence="id")
    source = contract(
        "bronze.orders", {"id": {"type": "integer"}, "amount": {"type": "number"}}, sequence="id"
    )
    dataset = table_dataset(schemas(orders, source), "silver.orders", 7)
    assert (dataset.table, dataset.rows, dataset.columns) == ("silver.orders", 7, orders.stored)
    assert dataset.column_sources == {
        "id": [("bronze.orders", "id")],
        "usd": [("silver.fx", "rate"), ("bronze.orders", "amount")],
    }
