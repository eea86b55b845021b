"""Lake Formation's grants on every kind of resource.

moto lists none of LF-tags, LF-tag policies, columns or data cells filters, and loses track of a grant that a second one was merged into.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from local_aws.extensions.calls import ApiError, Call, path

_KINDS = {
    "CATALOG": ("Catalog",), "DATABASE": ("Database",), "TABLE": ("Table", "TableWithColumns"), "DATA_LOCATION": ("DataLocation",),
    "LF_TAG": ("LFTag",), "LF_TAG_POLICY": ("LFTagPolicy",), "LF_TAG_POLICY_DATABASE": ("LFTagPolicy",), "LF_TAG_POLICY_TABLE": ("LFTagPolicy",),
}  # fmt: skip


@dataclass
class Grant:
    """What one principal may do with one resource."""

    principal: str
    resource: dict[str, Any]
    may: set[str] = field(default_factory=set)
    may_grant: set[str] = field(default_factory=set)


_grants: dict[tuple[str, str, str], Grant] = {}


@path("lakeformation", "POST", "/GrantPermissions")
def grant(call: Call) -> dict[str, Any]:
    _grant(call, call.params)
    return {}


@path("lakeformation", "POST", "/RevokePermissions")
def revoke(call: Call) -> dict[str, Any]:
    _revoke(call, call.params)
    return {}


@path("lakeformation", "POST", "/BatchGrantPermissions")
def grant_many(call: Call) -> dict[str, Any]:
    for entry in call.params["Entries"]:
        _grant(call, entry)
    return {"Failures": []}


@path("lakeformation", "POST", "/BatchRevokePermissions")
def revoke_many(call: Call) -> dict[str, Any]:
    for entry in call.params["Entries"]:
        _revoke(call, entry)
    return {"Failures": []}


@path("lakeformation", "POST", "/ListPermissions")
def list_permissions(call: Call) -> dict[str, Any]:
    asked = call.params
    principal = (asked.get("Principal") or {}).get("DataLakePrincipalIdentifier")
    resource = _normal(call, asked["Resource"]) if asked.get("Resource") else None
    if principal is not None and resource is None and not asked.get("ResourceType"):
        raise ApiError("InvalidInputException", "Resource is mandatory if Principal is set in the input.")
    kinds = _KINDS.get(asked.get("ResourceType") or "")
    found = [
        g for (region, _, _), g in _grants.items()
        if region == call.region and principal in (None, g.principal) and (kinds is None or any(k in g.resource for k in kinds))
        and (resource is None or _covers(resource, g.resource))
    ]  # fmt: skip
    return {"PrincipalResourcePermissions": [_shown(g) for g in found]}


def _grant(call: Call, entry: dict[str, Any]) -> None:
    key, resource = _key(call, entry)
    known = _grants.setdefault(key, Grant(entry["Principal"]["DataLakePrincipalIdentifier"], resource))
    known.may |= set(entry.get("Permissions") or [])
    known.may_grant |= set(entry.get("PermissionsWithGrantOption") or [])


def _revoke(call: Call, entry: dict[str, Any]) -> None:
    key, _ = _key(call, entry)
    if (known := _grants.get(key)) is None:
        # Everything is granted to everybody until it is revoked once; there is nothing to take away here.
        if entry["Principal"]["DataLakePrincipalIdentifier"] == "IAM_ALLOWED_PRINCIPALS":
            return
        raise ApiError(
            "InvalidInputException",
            "No permissions revoked. Grantee has no permissions and no grantable permissions on resource.",
        )
    known.may -= set(entry.get("Permissions") or [])
    known.may_grant -= set(entry.get("PermissionsWithGrantOption") or [])
    if not known.may and not known.may_grant:
        del _grants[key]


def _key(call: Call, entry: dict[str, Any]) -> tuple[tuple[str, str, str], dict[str, Any]]:
    resource = _normal(call, entry["Resource"])
    return (
        call.region,
        entry["Principal"]["DataLakePrincipalIdentifier"],
        json.dumps(resource, sort_keys=True),
    ), resource


def _normal(call: Call, resource: dict[str, Any]) -> dict[str, Any]:
    """With the catalog named, and lists in one order, so that one resource is written one way."""
    made: dict[str, Any] = {}
    for kind, body in resource.items():
        if body is None:
            continue
        catalog = {} if kind in ("Catalog", "DataCellsFilter") else {"CatalogId": call.account}
        made[kind] = {**catalog, **{k: _ordered(v) for k, v in body.items() if v is not None}}
    return made


def _ordered(value: Any) -> Any:
    if isinstance(value, list):
        return sorted((_ordered(v) for v in value), key=lambda v: json.dumps(v, sort_keys=True))
    return {k: _ordered(v) for k, v in value.items()} if isinstance(value, dict) else value


def _covers(asked: dict[str, Any], granted: dict[str, Any]) -> bool:
    """Who asks for a table is also told of grants on its columns, as AWS does."""
    if asked == granted:
        return True
    columns = granted.get("TableWithColumns")
    table = asked.get("Table") or asked.get("TableWithColumns")
    if columns is None or table is None:
        return False
    if "ColumnNames" in table or "ColumnWildcard" in table:
        return False
    return all(columns.get(k) == table.get(k) for k in ("CatalogId", "DatabaseName", "Name"))


def _shown(known: Grant) -> dict[str, Any]:
    return {
        "Principal": {"DataLakePrincipalIdentifier": known.principal}, "Resource": known.resource,
        "Permissions": sorted(known.may), "PermissionsWithGrantOption": sorted(known.may_grant),
    }  # fmt: skip
