"""The resources that an operation of Glue touches: a table needs its database and the catalog too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from local_aws.iam.owned import Account

_CATALOG = re.compile(
    r"(Table|Partition|Database|UserDefinedFunction|ColumnStatistics|Connection|Catalog|DataCatalog)"
)


def glue_resources(account: Account, operation: str, params: dict[str, Any]) -> Iterator[str]:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsglue.html"""
    if "JobName" in params or operation in ("GetJob", "DeleteJob", "CreateJob"):
        yield account.arn("glue", f"job/{params.get('JobName') or params.get('Name')}")
        return
    if not _CATALOG.search(operation):
        return
    yield account.arn("glue", "catalog")
    if "Connection" in operation:
        if name := params.get("Name") or params.get("ConnectionName"):
            yield account.arn("glue", f"connection/{name}")
        return
    database, table = _names(operation, params)
    if database:
        yield account.arn("glue", f"database/{database}")
    if database and table:
        yield account.arn("glue", f"table/{database}/{table}")


def _names(operation: str, params: dict[str, Any]) -> tuple[str | None, str | None]:
    """Database and table that the parameters name."""
    if operation.endswith("Database"):
        return params.get("Name") or params.get("DatabaseInput", {}).get("Name"), None
    table = params.get("TableName") or params.get("TableInput", {}).get("Name")
    return params.get("DatabaseName"), table or (params.get("Name") if operation.endswith("Table") else None)
