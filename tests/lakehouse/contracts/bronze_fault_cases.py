"""Faults that only a contract of bronze can have."""

from __future__ import annotations

from tests.lakehouse.contracts.builders import Case

BRONZE_CASES = [
    Case('    "watermark_column": "updated_at",\n', "", "LK205", '{"kind"', "", "watermark_column"),
    Case(
        '"ISO 4217 code."',
        '"ISO 4217 code.", "x-lake": {"tags": {"pii": "email"}}',
        "LK203",
        '["string", "null"]',
        "currency",
        "hash, partial, drop or clear",
    ),
    Case(
        '"kind": "snowflake"', '"kind": "snowflak"', "LK103", '"snowflak"', "snowflak", "'kafka'", "snowflake"
    ),
    Case(
        '"system": "snowflake"',
        '"system": "snowflake", "partition_column": "id"',
        "LK206",
        '"id"',
        "id",
        "a column",
    ),
]
