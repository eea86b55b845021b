"""What Lake Formation lets a principal read of a table: its columns, and the rows in which each is seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moto.lakeformation.models import lakeformation_backends

from local_aws.extensions.data_cells import filter_of
from local_aws.extensions.lf_permissions import grants_of
from local_aws.extensions.lf_tags import tags_of

EVERY_ROW = ""
_READ = frozenset({"SELECT", "ALL"})


@dataclass(frozen=True)
class TableAccess:
    """`described`: the principal may know of the table.

    `rows`: column → the conditions of which one must hold for the row, as Athena's SQL; EVERY_ROW is none. A
    column that it lacks may not be read.
    """

    described: bool
    rows: dict[str, frozenset[str]]


def is_governed(account: str, region: str, location: str) -> bool:
    """Whether Lake Formation decides on a table's data: its `location` is registered."""
    arn = "arn:aws:s3:::" + location.removeprefix("s3://").rstrip("/") + "/"
    registered = lakeformation_backends[account][region].resources
    return any(arn.startswith(known.rstrip("/") + "/") for known in registered)


def table_access(
    region: str, principal: str, database: str, table: str, columns: Iterable[str]
) -> TableAccess:
    """The sum of all grants of a principal on a table with these columns."""
    names = list(columns)
    rows: dict[str, set[str]] = {}
    described = False
    for grant in grants_of(region, principal):
        covered = _covered(region, grant.resource, database, table, names)
        described |= bool(covered)
        if grant.may & _READ:
            for name, condition in covered.items():
                rows.setdefault(name, set()).add(condition)
    return TableAccess(described, {name: frozenset(conditions) for name, conditions in rows.items()})


def _covered(
    region: str, resource: dict[str, Any], database: str, table: str, names: list[str]
) -> dict[str, str]:
    """Column that a grant's resource covers → its condition."""
    ((kind, body),) = resource.items()
    if kind == "LFTagPolicy":
        expression = {tag["TagKey"]: tag["TagValues"] for tag in body["Expression"]}
        by_tags = body["ResourceType"] == "TABLE"
        covered = [
            name
            for name in names
            if by_tags and _matches(expression, tags_of(region, database, table, name.lower()))
        ]
        return dict.fromkeys(covered, EVERY_ROW)
    if kind == "DataCellsFilter":
        return _of_filter(region, body, database, table, names)
    if kind not in ("Table", "TableWithColumns") or body["DatabaseName"] != database:
        return {}
    if body.get("Name", table) != table:
        return {}
    return dict.fromkeys(_listed(body, names), EVERY_ROW)


def _of_filter(
    region: str, resource: dict[str, Any], database: str, table: str, names: list[str]
) -> dict[str, str]:
    stored = filter_of(region, resource)
    if (stored.get("DatabaseName"), stored.get("TableName")) != (database, table):
        return {}
    condition = stored.get("RowFilter", {}).get("FilterExpression", EVERY_ROW)
    return dict.fromkeys(_listed(stored, names), condition)


def _listed(body: dict[str, Any], names: list[str]) -> list[str]:
    """The columns that a resource names, or all but those that it excludes."""
    if "ColumnNames" in body:
        return [name for name in names if name.lower() in body["ColumnNames"]]
    excluded = (body.get("ColumnWildcard") or {}).get("ExcludedColumnNames") or ()
    return [name for name in names if name.lower() not in excluded]


def _matches(expression: dict[str, list[str]], tags: dict[str, str]) -> bool:
    return all(tags.get(key) in values for key, values in expression.items())
