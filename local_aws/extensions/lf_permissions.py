"""Lake Formation's grants on every kind of resource.

moto lists no grant on LF-tags, LF-tag policies, columns or data cells filters, and loses a grant when a
second one is merged into it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from local_aws.extensions.calls import ApiError, Call, path

# ResourceType of a request → keys of the resources that it covers.
_KINDS = {
    "CATALOG": ("Catalog",),
    "DATABASE": ("Database",),
    "TABLE": ("Table", "TableWithColumns"),
    "DATA_LOCATION": ("DataLocation",),
    "LF_TAG": ("LFTag",),
    "LF_TAG_POLICY": ("LFTagPolicy",),
    "LF_TAG_POLICY_DATABASE": ("LFTagPolicy",),
    "LF_TAG_POLICY_TABLE": ("LFTagPolicy",),
}


@dataclass
class Grant:
    """The permissions of one principal on one resource."""

    principal: str
    resource: dict[str, Any]
    may: set[str] = field(default_factory=set)
    may_grant: set[str] = field(default_factory=set)


_grants: dict[tuple[str, str, str], Grant] = {}


def grants_of(region: str, principal: str) -> list[Grant]:
    """All grants of a principal."""
    return [grant for key, grant in _grants.items() if key[:2] == (region, principal)]


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
    request = call.params
    principal = (request.get("Principal") or {}).get("DataLakePrincipalIdentifier")
    resource = _normal(call, request["Resource"]) if request.get("Resource") else None
    if principal is not None and resource is None and not request.get("ResourceType"):
        raise ApiError("InvalidInputException", "Resource is mandatory if Principal is set in the input.")
    kinds = _KINDS.get(request.get("ResourceType") or "")
    grants = [
        grant
        for (region, _, _), grant in _grants.items()
        if region == call.region
        and principal in (None, grant.principal)
        and (kinds is None or any(kind in grant.resource for kind in kinds))
        and (resource is None or _covers(resource, grant.resource))
    ]
    return {"PrincipalResourcePermissions": [_entry(grant) for grant in grants]}


def _grant(call: Call, entry: dict[str, Any]) -> None:
    key, resource = _key(call, entry)
    stored = _grants.setdefault(key, Grant(entry["Principal"]["DataLakePrincipalIdentifier"], resource))
    stored.may |= set(entry.get("Permissions") or [])
    stored.may_grant |= set(entry.get("PermissionsWithGrantOption") or [])


def _revoke(call: Call, entry: dict[str, Any]) -> None:
    key, _ = _key(call, entry)
    if (stored := _grants.get(key)) is None:
        # AWS grants everything to this group until the first revoke; nothing is stored for it here.
        if entry["Principal"]["DataLakePrincipalIdentifier"] == "IAM_ALLOWED_PRINCIPALS":
            return
        raise ApiError(
            "InvalidInputException",
            "No permissions revoked. Grantee has no permissions and no grantable permissions on resource.",
        )
    stored.may -= set(entry.get("Permissions") or [])
    stored.may_grant -= set(entry.get("PermissionsWithGrantOption") or [])
    if not stored.may and not stored.may_grant:
        del _grants[key]


def _key(call: Call, entry: dict[str, Any]) -> tuple[tuple[str, str, str], dict[str, Any]]:
    resource = _normal(call, entry["Resource"])
    return (
        call.region,
        entry["Principal"]["DataLakePrincipalIdentifier"],
        json.dumps(resource, sort_keys=True),
    ), resource


def _normal(call: Call, resource: dict[str, Any]) -> dict[str, Any]:
    """The resource with its catalog and sorted lists, so that equal resources have equal text."""
    normal: dict[str, Any] = {}
    for kind, body in resource.items():
        if body is None:
            continue
        catalog = {} if kind in ("Catalog", "DataCellsFilter") else {"CatalogId": call.account}
        normal[kind] = {**catalog, **{k: _ordered(v) for k, v in body.items() if v is not None}}
    return normal


def _ordered(value: Any) -> Any:
    if isinstance(value, list):
        return sorted((_ordered(v) for v in value), key=lambda v: json.dumps(v, sort_keys=True))
    return {k: _ordered(v) for k, v in value.items()} if isinstance(value, dict) else value


def _covers(requested: dict[str, Any], granted: dict[str, Any]) -> bool:
    """Whether a listing shows a grant. One for a table shows grants on its columns, as in AWS."""
    if requested == granted:
        return True
    columns = granted.get("TableWithColumns")
    table = requested.get("Table") or requested.get("TableWithColumns")
    if columns is None or table is None:
        return False
    if "ColumnNames" in table or "ColumnWildcard" in table:
        return False
    return all(columns.get(k) == table.get(k) for k in ("CatalogId", "DatabaseName", "Name"))


def _entry(grant: Grant) -> dict[str, Any]:
    return {
        "Principal": {"DataLakePrincipalIdentifier": grant.principal},
        "Resource": grant.resource,
        "Permissions": sorted(grant.may),
        "PermissionsWithGrantOption": sorted(grant.may_grant),
    }
