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
# Stands for the table itself: it has the tags that its columns inherit.
_TABLE = ""
_READ = frozenset({"SELECT", "ALL"})


@dataclass(frozen=True)
class TableAccess:
    """`described`: the principal may know of the table. `named`: the columns that it may know of.

    `rows`: column → the conditions of which one must hold for the row, as Athena's SQL; EVERY_ROW is none. A
    column that it lacks may not be read.
    """

    described: bool
    rows: dict[str, frozenset[str]]
    named: frozenset[str] = frozenset()


def is_governed(account: str, region: str, location: str) -> bool:
    """Whether Lake Formation decides on a table's data: its `location` is registered."""
    return registered_role(account, region, location) is not None


def registered_role(account: str, region: str, location: str) -> str | None:
    """The role by which Lake Formation reaches a location; None for one that is not registered."""
    arn = "arn:aws:s3:::" + location.removeprefix("s3://").rstrip("/") + "/"
    registered = lakeformation_backends[account][region].resources
    return next(
        (str(r.role_arn or "") for known, r in registered.items() if arn.startswith(known.rstrip("/") + "/")),
        None,
    )


def table_access(
    region: str, principal: str, database: str, table: str, columns: Iterable[str]
) -> TableAccess:
    """The sum of all grants of a principal on a table with these columns."""
    names = [*columns, _TABLE]
    rows: dict[str, set[str]] = {}
    covers: set[str] = set()
    for grant in grants_of(region, principal):
        covered = _covered(region, grant.resource, database, table, names)
        covers |= covered.keys()
        if grant.may & _READ:
            for name, condition in covered.items():
                rows.setdefault(name, set()).add(condition)
    conditions = {name: frozenset(each) for name, each in rows.items() if name != _TABLE}
    return TableAccess(bool(covers), conditions, frozenset(covers - {_TABLE}))


def database_is_described(region: str, principal: str, database: str) -> bool:
    """Whether a grant on the database itself, by name or by its tags, lets the principal know of it."""
    for grant in grants_of(region, principal):
        ((kind, body),) = grant.resource.items()
        if kind == "Database" and body["Name"] == database:
            return True
        if kind == "LFTagPolicy" and body["ResourceType"] == "DATABASE":
            expression = {tag["TagKey"]: tag["TagValues"] for tag in body["Expression"]}
            if _matches(expression, tags_of(region, database)):
                return True
    return False


def is_administrator(account: str, region: str, principal: str) -> bool:
    """Whether Lake Formation lets the principal know of everything, as one of its administrators."""
    settings = lakeformation_backends[account][region].settings[account]
    kinds = ("DataLakeAdmins", "ReadOnlyAdmins")
    listed = [admin["DataLakePrincipalIdentifier"] for kind in kinds for admin in settings.get(kind) or ()]
    return principal in listed


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
