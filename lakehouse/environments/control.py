"""The definition of the control tables, for the stack that creates them and the jobs that read them."""

from __future__ import annotations

from typing import Any

from lakehouse.environments.model import Environment
from lakehouse.environments.names import Control, control_table

KEY = "pk"
# In the key of an item that holds a part of a large one: what follows the key of that one.
PART = "#part."
# DynamoDB deletes an item of leases after this time, in seconds since 1970. The lease of a table has none:
# its fence must keep counting.
EXPIRES = "expires_at"
# Queries of the audit: the newest runs, and the runs of one logical date; both newest first.
AUDIT_RECENT = "recent"
AUDIT_BY_DATE = "by_date"
INDEXES: dict[Control, dict[str, tuple[str, str]]] = {
    Control.WATERMARKS: {},
    Control.LEASES: {},
    Control.AUDIT: {AUDIT_RECENT: ("kind", "started_at"), AUDIT_BY_DATE: ("run_date", "started_at")},
}


def table_definition(env: Environment, control: Control) -> dict[str, Any]:
    """The arguments of DynamoDB's CreateTable. Every key is a string, and the table is paid per request."""
    indexes = INDEXES[control]
    columns = sorted({KEY, *(column for pair in indexes.values() for column in pair)})
    definition: dict[str, Any] = {
        "TableName": control_table(env, control),
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": column, "AttributeType": "S"} for column in columns],
        "KeySchema": [{"AttributeName": KEY, "KeyType": "HASH"}],
    }
    if indexes:
        definition["GlobalSecondaryIndexes"] = [
            {
                "IndexName": name,
                "KeySchema": [
                    {"AttributeName": partition, "KeyType": "HASH"},
                    {"AttributeName": order, "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
            for name, (partition, order) in indexes.items()
        ]
    return definition
