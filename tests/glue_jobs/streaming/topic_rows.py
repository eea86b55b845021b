"""Columns and rows of the topics of streaming tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from lakehouse.pipelines.model import Proc

DAY = date(2017, 1, 31)


COLUMNS: dict[str, Any] = {
    "id": {"type": "integer", "minimum": 1},
    "name": {"type": ["string", "null"]},
    "amount": {"type": ["number", "null"], "x-lake": {"type": "decimal(18,2)"}},
    "changed_at": {"type": "string", "format": "date-time"},
}


MESSAGE_COLUMNS: dict[str, Any] = {
    "kafka_topic": {"type": "string"},
    "kafka_partition": {"type": "integer", "x-lake": {"type": "int"}},
    "kafka_offset": {"type": "integer"},
    "kafka_timestamp": {"type": "string", "format": "date-time"},
}


def row(key: Any, name: Any = "n", amount: Any = 1.5, minute: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "name": name,
        "amount": amount,
        "changed_at": f"2017-01-31T10:{minute:02d}:00Z",
        **more,
    }


def proc(name: str, *writes: str, file: str = "") -> Proc:
    return Proc(name, name, "", 1, 0, 0, "", "Airflow", "", (), file=file, writes=writes)
