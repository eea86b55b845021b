"""A row that no place can store, in each form in which it reaches one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from lakehouse.contracts import Contract
from tests.glue_jobs.builders import contract
from tests.glue_jobs.sources.systems import WarehouseTable
from tests.glue_jobs.streaming.topic_rows import proc

COLUMNS: dict[str, Any] = {
    "customer_id": {"type": "integer"},
    "name": {"type": ["string", "null"], "maxLength": 60},
    "email": {"type": ["string", "null"], "maxLength": 60},
    "birth_date": {"type": ["string", "null"], "format": "date"},
    "balance": {"type": ["number", "null"], "x-lake": {"type": "decimal(18,2)"}},
    "score": {"type": ["number", "null"]},
    "changed_at": {"type": "string", "format": "date-time"},
}


ROW: dict[str, Any] = {
    "customer_id": 771234567,
    "name": "canary-of-name",
    "email": "canary@mail.example",
    "birth_date": date(1903, 7, 11),
    "balance": Decimal("83729.41"),
    "score": 0.7193846251,
    "changed_at": datetime(1907, 3, 11, 5, 17, 43, tzinfo=UTC),
}


# As anybody may write them: the time in seconds since 1970 too.
CANARIES = [
    "771234567",
    "canary-of-name",
    "canary@mail.example",
    "1903-07-11",
    "83729.41",
    "0.7193846251",
    "1907-03-11",
    str(int(ROW["changed_at"].timestamp())),
]


SENT = {**ROW, "birth_date": "1903-07-11", "balance": 83729.41, "changed_at": "1907-03-11T05:17:43Z"}


FUNCTIONS = "tests/glue_jobs/observability/row_functions.py"


KEYS: dict[str, Any] = {"primary_key": ["customer_id"], "sequence": "changed_at"}


LEAKS = contract("silver.leaks", COLUMNS, **KEYS)


def landing(name: str, form: str) -> Contract:
    source = {"kind": "landing", "object": name, "format": form, "system": "crm"}
    return contract(f"bronze.{name}", COLUMNS, write="append", source=source, **KEYS)


def code(*tables: str) -> dict[str, Any]:
    return {"procs": (proc("code", *tables, file=FUNCTIONS),), "writes": tables}


def ddl(table: WarehouseTable, sql: str) -> None:
    table.run(sql)


def arrow() -> pa.Schema:
    types = [pa.int64(), pa.string(), pa.string(), pa.date32(), pa.decimal128(18, 2), pa.float64()]
    return pa.schema(list(zip(COLUMNS, [*types, pa.timestamp("us", tz="UTC")], strict=True)))


def csv(row: dict[str, Any]) -> str:
    return f"{','.join(row)}\n{','.join(map(str, row.values()))}\n"
