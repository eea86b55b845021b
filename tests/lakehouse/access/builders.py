"""A policy over three tables, sound as it stands, to be broken in one place."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.access import load_policy
from lakehouse.reading.faults import Fault, FaultsError
from tests.lakehouse.contracts import builders

TAGS = """tags:
  layer:
    description: How far.
    values: {bronze: raw, silver: clean, gold: ready}
    layers: {bronze: bronze, silver: silver, gold: gold}
  domain:
    description: Which business.
    values: {retail: shop, loans: lending}
    owners: {retail_data: retail}
  pii:
    description: Personal data.
    values: {none: none, masked: hidden, email: address}
    default: none
  rows:
    description: Whether all rows.
    values: {all: every, filtered: some}
    default: all
    tables: {silver.orders: filtered}
"""
GRANTS = """roles:
  analyst:
    description: Looks.
    groups: [analysts]
    may: [query]
  steward:
    description: Answers.
    groups: [stewards]
    may: [query]
grants:
  - role: analyst
    tags: {layer: [silver, gold], pii: [none], rows: [all]}
    permissions: [describe, select]
  - role: steward
    tags: {pii: [none, masked, email]}
    permissions: [describe, select]
  - role: steward
    table: gold.orders
    columns: [order_id, amount]
    permissions: [select]
jobs:
  reads: [select]
  writes: [select, insert]
  registers: [alter]
"""
FILTERS = """filters:
  - name: euros
    table: silver.orders
    role: analyst
    reason: Only those.
    rows: currency = 'EUR' and amount > 0
    except_columns: [email]
"""
EMAIL = (
    '"email": {"type": ["string", "null"], "description": "Hash.", '
    '"x-lake": {"tags": {"pii": "masked"}, "derived_from": ["bronze.orders.email"]}},'
)
CLEAR = (
    '"email": {"type": ["string", "null"], "description": "Address.", "format": "email", '
    '"x-lake": {"tags": {"pii": "email"}, "mask": "hash"}},'
)
FILES = {"tags.yml": TAGS, "grants.yml": GRANTS, "row_filters.yml": FILTERS}
_FIRST = '"order_id": {'
_BRONZE, _CONTRACT = builders.tagged(builders.BRONZE), builders.tagged(builders.CONTRACT)
CONTRACTS = {
    "bronze.orders": builders.tagged(builders.BRONZE).replace(
        '"order_id": {', CLEAR + '\n    "order_id": {', 1
    ),
    "silver.orders": builders.tagged(builders.CONTRACT).replace(
        '"order_id": {', EMAIL + '\n    "order_id": {', 1
    ),
    "gold.orders": _CONTRACT.replace("silver/orders", "gold/orders"),
}


def write(root: Path) -> None:
    for table, contract in CONTRACTS.items():
        builders.write(root, table, contract)
    (root / "lakeformation").mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (root / "lakeformation" / name).write_text(text, encoding="utf-8")


def edit(root: Path, file: str, old: str, new: str) -> str:
    """`old` becomes `new`; the text as it then is."""
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text, (file, old)
    changed = text.replace(old, new, 1)
    path.write_text(changed, encoding="utf-8")
    return changed


def faults_of(root: Path) -> list[Fault]:
    with pytest.raises(FaultsError) as found:
        load_policy(root)
    return found.value.faults
