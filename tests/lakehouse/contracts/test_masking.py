"""Masks of contracts: each value is masked once, and what states no mask is not taken for masked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lakehouse.contracts import load_schemas
from lakehouse.contracts.masking import masks_on_read, masks_on_write, readable_columns
from tests.lakehouse.contracts.builders import BRONZE, CONTRACT, faults_of, place, write

TEXT = {"type": ["string", "null"], "description": "A value."}
EMAIL = {**TEXT, "x-lake": {"tags": {"pii": "email"}, "mask": "hash"}}
FROM_EMAIL = ["bronze.orders.email"]


def tree(root: Path, lake: dict[str, Any], table: str = "silver.orders", **column: Any) -> str:
    """bronze.orders with an e-mail address that is hashed, and `table` with the column `value`."""
    bronze = json.loads(BRONZE)
    bronze["properties"]["email"] = EMAIL
    write(root, "bronze.orders", json.dumps(bronze, indent=1))
    document = json.loads(CONTRACT.replace("silver/orders", table.replace(".", "/")))
    document["x-lake"] |= {"store": "postgres"} if column.pop("postgres", False) else {}
    document["properties"]["value"] = {**TEXT, **column, "x-lake": lake}
    document["x-lake"]["primary_key"] += ["value"] if column.get("type") == "string" else []
    document["required"] += ["value"] if column.get("type") == "string" else []
    text = json.dumps(document, indent=1)
    write(root, table, text)
    return text


@pytest.mark.parametrize(
    ("code", "lake", "column"),
    [
        ("LK240", {"tags": {"pii": "email"}}, {}),
        ("LK241", {"tags": {"pii": "masked"}, "mask": "hash", "derived_from": FROM_EMAIL}, {}),
        ("LK241", {"tags": {"pii": "email"}, "mask": "partial", "derived_from": FROM_EMAIL}, {}),
        (
            "LK242",
            {"tags": {"pii": "email"}, "mask": "hash", "derived_from": ["bronze.orders.currency"]},
            {"type": "string"},
        ),
        (
            "LK242",
            {"tags": {"pii": "email"}, "mask": "hash", "derived_from": ["bronze.orders.order_id"]},
            {"type": ["integer", "null"]},
        ),
        ("LK242", {"tags": {"pii": "email"}, "mask": "drop", "derived_from": ["bronze.orders.currency"]}, {}),
        ("LK243", {"tags": {"pii": "email"}, "mask": "hash"}, {}),
        ("LK244", {"tags": {"pii": "masked"}, "derived_from": ["bronze.orders.currency"]}, {}),
        ("LK245", {"tags": {"pii": "email"}, "mask": "clear"}, {"postgres": True}),
        ("LK230", {"tags": {"pii": "masked"}, "derived_from": FROM_EMAIL}, {"maxLength": 63}),
        (
            "LK230",
            {"tags": {"pii": "email"}, "mask": "hash", "derived_from": ["bronze.orders.currency"]},
            {"maxLength": 40},
        ),
        (
            "LK230",
            {"tags": {"pii": "email"}, "mask": "partial", "derived_from": ["bronze.orders.currency"]},
            {"maxLength": 4},
        ),
    ],
)
def test_a_mask_that_is_missing_doubled_or_impossible_is_a_fault_at_its_column(
    code: str, lake: dict[str, Any], column: dict[str, Any], tmp_path: Path
) -> None:
    text = tree(tmp_path, lake, **column)
    faults = [f for f in faults_of(tmp_path) if f.file == "schemas/silver/orders.schema.json"]
    assert [(f.code, f.value, f.line) for f in faults] == [(code, "value", place(text, '"value": {')[0])]
    assert faults[0].wanted


def test_a_table_after_the_next_one_is_too_narrow_for_a_hash_as_well(tmp_path: Path) -> None:
    tree(tmp_path, {"tags": {"pii": "masked"}, "derived_from": FROM_EMAIL}, maxLength=64)
    document = json.loads(CONTRACT.replace("silver/orders", "gold/orders"))
    lake = {"tags": {"pii": "masked"}, "derived_from": ["silver.orders.value"]}
    document["properties"]["value"] = {**TEXT, "maxLength": 63, "x-lake": lake}
    write(tmp_path, "gold.orders", json.dumps(document, indent=1))
    assert [(f.code, f.file) for f in faults_of(tmp_path)] == [("LK230", "schemas/gold/orders.schema.json")]


@pytest.mark.parametrize(
    "lake",
    [
        {"tags": {"pii": "masked"}, "derived_from": FROM_EMAIL},
        {"tags": {"pii": "masked"}, "mask": "hash", "derived_from": ["bronze.orders.currency"]},
        {"tags": {"pii": "email"}, "mask": "clear"},
        {"tags": {"pii": "masked"}},
        {"tags": {"pii": "none"}},
        {},
    ],
)
def test_values_that_are_masked_once_or_readable_by_statement_are_sound(
    lake: dict[str, Any], tmp_path: Path
) -> None:
    tree(tmp_path, lake)
    contracts = load_schemas(tmp_path).contracts
    assert masks_on_read(contracts["bronze.orders"]) == {"email": "hash"}
    assert masks_on_write(contracts["bronze.orders"]) == {}
    assert masks_on_read(contracts["silver.orders"]) == {}
    changed = {"value": lake["mask"]} if lake.get("mask") == "hash" else {}
    assert masks_on_write(contracts["silver.orders"]) == changed
    assert readable_columns(contracts["silver.orders"]) == (("value",) if lake.get("mask") == "clear" else ())


def test_a_table_of_gold_that_a_topic_fills_masks_what_comes(tmp_path: Path) -> None:
    topic = BRONZE.replace("bronze/orders", "gold/orders").replace('"kind": "snowflake"', '"kind": "kafka"')
    document = json.loads(topic)
    document["properties"]["page_url"] = {**TEXT, "x-lake": {"tags": {"pii": "masked"}, "mask": "hash"}}
    write(tmp_path, "gold.orders", json.dumps(document))
    assert masks_on_write(load_schemas(tmp_path).contracts["gold.orders"]) == {"page_url": "hash"}


def test_a_nested_column_of_the_lakebase_is_a_fault_at_its_line(tmp_path: Path) -> None:
    lake = {"type": "array<string>", "tags": {"pii": "none"}}
    text = tree(tmp_path, lake, type=["array", "null"], postgres=True)
    faults = [f for f in faults_of(tmp_path) if f.file == "schemas/silver/orders.schema.json"]
    assert [(f.code, f.value, f.line) for f in faults] == [("LK250", "value", place(text, '"value": {')[0])]
    assert "the Lakebase has no column for array<string>" in faults[0].what
