"""A tree of one table, sound as it stands, to be broken in one place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from lakehouse.contracts import load_schemas
from lakehouse.reading.faults import Fault, FaultsError

CONTRACT = """{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "silver/orders",
  "title": "Orders",
  "description": "One row per order.",
  "type": "object",
  "x-lake": {
    "version": 1,
    "owner": "retail_data",
    "write": "merge",
    "primary_key": ["order_id"],
    "sequence": "updated_at"
  },
  "properties": {
    "order_id": {"type": "integer", "description": "Number of the order.", "minimum": 1},
    "currency": {"type": ["string", "null"], "description": "ISO 4217 code.", "pattern": "^[A-Z]{3}$"},
    "amount": {"type": "number", "description": "In `currency`.", "x-lake": {"type": "decimal(18,2)"}},
    "updated_at": {"type": "string", "format": "date-time", "description": "UTC."}
  },
  "required": ["order_id", "updated_at"],
  "additionalProperties": false
}
"""
SUITE = """table: silver.orders
expectations:
  - type: expect_column_values_to_not_be_null
    kwargs: {column: order_id}
    severity: critical
  - type: expect_column_values_to_be_between
    kwargs: {column: amount, min_value: 0, max_value: 10}
    severity: warn
"""
BRONZE = CONTRACT.replace("silver/orders", "bronze/orders").replace(
    '"sequence": "updated_at"',
    '"sequence": "updated_at",\n    "watermark_column": "updated_at",\n'
    '    "watermark_state_key": "orders.updated_at",\n'
    '    "source": {"kind": "snowflake", "object": "RETAIL.PUBLIC.ORDERS", "system": "snowflake"}',
)

NO_PII = ', "x-lake": {"tags": {"pii": "none"}}}'


def tagged(contract: str) -> str:
    """The contract of the builders, in which every column states that it holds no personal data."""
    decimal = '{"type": "decimal(18,2)"'
    tagged = contract.replace(decimal, decimal + ', "tags": {"pii": "none"}')
    for end in ('"minimum": 1', '"^[A-Z]{3}$"', '"description": "UTC."'):
        tagged = tagged.replace(end + "}", end + NO_PII)
    return tagged


def write(
    root: Path, table: str = "silver.orders", contract: str = CONTRACT, suite: str | None = SUITE
) -> None:
    """The table's two files below `root`; no suite where it is None."""
    layer, name = table.split(".")
    folder = root / "schemas" / layer
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.schema.json").write_text(contract, encoding="utf-8")
    if suite is not None:
        (folder / f"{name}.dq.yml").write_text(suite.replace("silver.orders", table), encoding="utf-8")


def place(text: str, mark: str) -> tuple[int, int]:
    """Line and column, from 1, at which `mark` stands for the first time."""
    before = text[: text.index(mark)]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


@dataclass(frozen=True)
class Case:
    """`old` becomes `new`; the fault is expected where `at` then stands."""

    old: str
    new: str
    code: str
    at: str
    value: str
    wanted: str
    nearest: str = ""


def faults_of(root: Path) -> list[Fault]:
    with pytest.raises(FaultsError) as found:
        load_schemas(root)
    return found.value.faults


def expect_one(root: Path, case: Case, text: str, file: str) -> None:
    (fault,) = faults_of(root)
    assert (fault.code, fault.file, (fault.line, fault.column)) == (case.code, file, place(text, case.at))
    assert (fault.value, fault.nearest) == (case.value, case.nearest)
    assert case.wanted in fault.wanted
    assert str(fault).startswith(f"{file}:{fault.line}:{fault.column}: {case.code} ")
