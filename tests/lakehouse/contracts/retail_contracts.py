"""The contracts of retail and their documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lakehouse.contracts import Contract, load_schemas
from lakehouse.pipelines import load_pipelines
from lakehouse.project import project_root

ROOT = project_root() / "schemas"


SCHEMAS = load_schemas()


FILES = sorted(ROOT.glob("*/*.schema.json"))


TABLES = {
    "bronze": {
        *(
            "crm_accounts",
            "crm_contacts",
            "crm_opportunities",
            "redshift_behavior",
            "snowflake_customers",
            "snowflake_orders",
        ),
        *("snowflake_products", "fx_rates", "kafka_events"),
    },
    "silver": {
        "customers",
        "orders",
        "products",
        "behavior",
        "fx_rates",
        "order_events",
        "customer_activity",
    },
    "gold": {"dim_customer", "dim_product", "dim_date", "fact_orders", "fact_sales", "fact_behavior"},
}


def of_the_run(contract: Contract) -> set[str]:
    """The columns that no column is the source of: the day of a snapshot, and parameters of the job."""
    jobs = [j for p in load_pipelines().values() for j in p.jobs if contract.table in j.writes]
    parameters = [p.name for job in jobs for p in job.params]
    day = {contract.lake.recompute_by} if contract.lake.write == "snapshot" else set()
    return {c for c in contract.column_names if c in day or any(p.endswith(c) for p in parameters)}


def contracts(layer: str) -> Iterator[Contract]:
    return (c for c in SCHEMAS.contracts.values() if c.layer == layer)


def document(contract: Contract) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (ROOT / contract.layer / f"{contract.name}.schema.json").read_text(encoding="utf-8")
    )
    return found
