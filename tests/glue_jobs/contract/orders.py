"""A contract of orders, a row that keeps it, and the reasons for which rows are refused."""

from __future__ import annotations

from typing import Any

from pyspark.sql import SparkSession

from glue_jobs.contract import align_to_schema, validate_and_quarantine
from lakehouse.contracts import Contract
from tests.glue_jobs.builders import local_frame

ORDER = {
    "id": {"type": "integer", "minimum": 1},
    "day": {"type": "string", "format": "date"},
    "amount": {"type": ["number", "null"], "x-lake": {"type": "decimal(8,2)"}},
    "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["USD", None]},
    "email": {"type": ["string", "null"], "format": "email", "maxLength": 30},
    "kind": {"type": ["string", "null"], "enum": ["a", "b", None]},
}
GOOD = ("1", "2017-01-01", "9.50", "USD", "a@b.c", "a")


def reasons(
    spark: SparkSession, order: Contract, *rows: tuple[Any, ...], text: bool = True
) -> list[list[str]]:
    sent = local_frame(
        spark, "id string, day string, amount string, currency string, email string, kind string", *rows
    )
    checked = validate_and_quarantine(align_to_schema(sent, order, text=text), order)
    return [
        r.why if r.bad else []
        for r in checked.rows.select(checked.is_invalid.alias("bad"), checked.reasons.alias("why")).collect()
    ]
