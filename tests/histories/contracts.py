"""The contracts of the tables that histories run through."""

from __future__ import annotations

from typing import Any

from lakehouse.contracts import Contract
from tests.glue_jobs.builders import contract

_ID = {"type": "integer"}
_TEXT = {"type": ["string", "null"]}
_FLAG = {"type": "boolean"}
_INSTANT = {"type": "string", "format": "date-time"}
_DAY = {"type": "string", "format": "date"}
_MONEY = {"type": "number", "x-lake": {"type": "decimal(18,2)"}}
COLUMNS: dict[str, dict[str, Any]] = {
    "customers": {
        "customer_id": _ID,
        "city": _TEXT,
        "tier": _TEXT,
        "is_deleted": _FLAG,
        "updated_at": _INSTANT,
    },
    "sales": {
        "sale_id": _ID,
        "customer_id": _ID,
        "currency": {"type": "string"},
        "amount": _MONEY,
        "sold_at": _INSTANT,
        "sold_on": _DAY,
        "is_deleted": _FLAG,
        "updated_at": _INSTANT,
    },
    "rates": {"currency": {"type": "string"}, "rate_date": _DAY, "rate": _MONEY, "updated_at": _INSTANT},
}
KEYS = {"customers": ["customer_id"], "sales": ["sale_id"], "rates": ["currency", "rate_date"]}
TRACKED = ["city", "tier", "is_deleted"]


def table_name(name: str, layer: str, table: str) -> str:
    """The full name of a table of the pipeline whose names begin with `name`."""
    return f"{layer}.{name}_{table}"


def contracts(name: str) -> list[Contract]:
    """The contracts of all tables whose names begin with `name`."""
    stated = []
    for table, columns in COLUMNS.items():
        source = {
            "kind": "landing",
            "object": f"{name}_{table}",
            "format": "json_lines",
            "system": "histories",
        }
        shape = {"primary_key": KEYS[table], "sequence": "updated_at"}
        bronze, silver = table_name(name, "bronze", table), table_name(name, "silver", table)
        key = f"{name}_{table}.files"
        stated.append(
            contract(bronze, columns, write="append", source=source, watermark_state_key=key, **shape)
        )
        flag = {"delete_flag": "is_deleted"} if "is_deleted" in columns else {}
        stated.append(contract(silver, columns, incremental_from=[bronze], **shape, **flag))
    return [*stated, _dimension(name), _fact(name)]


def _dimension(name: str) -> Contract:
    columns = {
        "customer_sk": _ID,
        **{c: p for c, p in COLUMNS["customers"].items() if c != "updated_at"},
        "valid_since": _INSTANT,
        "valid_from": _INSTANT,
        "valid_to": _INSTANT,
        "is_current": _FLAG,
    }
    return contract(
        table_name(name, "gold", "dim_customers"),
        columns,
        write="scd2",
        primary_key=["customer_sk"],
        business_key=["customer_id"],
        sequence="valid_since",
        tracked=TRACKED,
        incremental_from=[table_name(name, "bronze", "customers")],
    )


def _fact(name: str) -> Contract:
    dimension, rates = table_name(name, "gold", "dim_customers"), table_name(name, "silver", "rates")
    columns = {c: p for c, p in COLUMNS["sales"].items() if c not in ("is_deleted", "updated_at")} | {
        "customer_sk": {
            "type": ["integer", "null"],
            "x-lake": {"derived_from": [f"{dimension}.customer_sk"]},
        },
        "rate": {
            "type": ["number", "null"],
            "x-lake": {"type": "decimal(18,2)", "derived_from": [f"{rates}.rate"]},
        },
    }
    return contract(
        table_name(name, "gold", "fact_sales"),
        columns,
        write="recompute",
        primary_key=["sale_id"],
        recompute_by="sold_on",
        partition_by=["sold_on"],
        sequence=None,
        incremental_from=[table_name(name, "silver", "sales")],
        depends_on=[
            {
                "table": dimension,
                "on": {"customer_id": "customer_id"},
                "at": "sold_at",
                "valid_from": "valid_from",
                "valid_to": "valid_to",
            },
            {
                "table": rates,
                "on": {"currency": "currency"},
                "at": "sold_on",
                "valid_from": "rate_date",
                "per": ["currency"],
            },
        ],
    )
