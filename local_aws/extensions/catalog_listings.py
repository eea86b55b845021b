"""The listings of Glue's catalog show a role what Lake Formation has granted it, where that governs.

https://docs.aws.amazon.com/lake-formation/latest/dg/access-control-metadata.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from moto.glue.models import glue_backends

from local_aws.athena.table_access import (
    TableAccess,
    database_is_described,
    is_administrator,
    is_governed,
    table_access,
)
from local_aws.extensions.calls import ApiError, Call, target
from local_aws.iam.sessions import Sessions

_DENIED = "AccessDeniedException"
_sessions = Sessions()


@target("glue", "GetTables")
def tables(call: Call) -> dict[str, Any] | None:
    """The tables that the role may know of, with the columns that it may know of."""
    if (role := _role(call)) is None:
        return None
    found = _backend(call).get_tables(call.params["DatabaseName"], call.params.get("Expression"))
    return _plain({"TableList": list(_shown(call, role, found))})


@target("glue", "GetTable")
def table(call: Call) -> dict[str, Any] | None:
    if (role := _role(call)) is None or (found := _table(call, "Name")) is None:
        return None
    if not (shown := list(_shown(call, role, [found]))):
        raise _denied(found.name)
    return _plain({"Table": shown[0]})


@target("glue", "SearchTables")
def search(call: Call) -> dict[str, Any]:
    """Tables whose name, description or columns hold the text, and whose properties pass the filters."""
    everything = [table for database in _backend(call).get_databases() for table in database.tables.values()]
    role = _role(call)
    shown = [t.as_dict() for t in everything] if role is None else _shown(call, role, everything)
    return _plain({"TableList": [table for table in shown if _is_found(table, call.params)]})


@target("glue", "GetDatabases")
def databases(call: Call) -> dict[str, Any] | None:
    if (role := _role(call)) is None:
        return None
    found = _backend(call).get_databases()
    return _plain({"DatabaseList": [d.as_dict() for d in found if _database_is_shown(call, role, d)]})


@target("glue", "GetDatabase")
def database(call: Call) -> dict[str, Any] | None:
    if (role := _role(call)) is None:
        return None
    found = next((d for d in _backend(call).get_databases() if d.name == call.params["Name"]), None)
    if found is not None and not _database_is_shown(call, role, found):
        raise _denied(found.name)
    return None


def _whole(call: Call) -> None:
    """What shows all columns of a table is refused to a role that may not know of each of them."""
    if (role := _role(call)) is None or (found := _table(call, "TableName")) is None:
        return
    shown = list(_shown(call, role, [found]))
    if not shown or _column_names(shown[0]) != _column_names(found.as_dict()):
        raise _denied(found.name)


for _name in ("GetTableVersion", "GetTableVersions", "GetPartition", "GetPartitions"):
    _register: Callable[[Any], Any] = target("glue", _name)
    _register(_whole)


def _role(call: Call) -> str | None:
    """The role whose grants decide; None for the account's owner and for administrators."""
    if not call.is_of_session:
        return None
    role = _sessions.principal(call.account, call.access_key).identity.role_arn
    return None if is_administrator(call.account, call.region, role) else role


def _shown(call: Call, role: str, found: list[Any]) -> Iterator[dict[str, Any]]:
    """The tables as the role sees them."""
    for each in found:
        described = each.as_dict()
        access = _access(call, role, described)
        if access is None:
            yield described
        elif access.described:
            yield _with_columns(described, access.named)


def _access(call: Call, role: str, described: dict[str, Any]) -> TableAccess | None:
    """What Lake Formation has granted; None for a table that it does not govern."""
    location = str(described.get("StorageDescriptor", {}).get("Location") or "")
    if not is_governed(call.account, call.region, location):
        return None
    name = str(described["DatabaseName"]), str(described["Name"])
    return table_access(call.region, role, *name, _column_names(described))


def _database_is_shown(call: Call, role: str, found: Any) -> bool:
    """By a grant on it, or on a table in it. One without governed data is shown to all."""
    if database_is_described(call.region, role, found.name):
        return True
    accesses = [_access(call, role, each.as_dict()) for each in found.tables.values()]
    governs = is_governed(call.account, call.region, str(found.as_dict().get("LocationUri") or ""))
    governed = governs or any(access is not None for access in accesses)
    return not governed or any(access is not None and access.described for access in accesses)


def _with_columns(described: dict[str, Any], named: frozenset[str]) -> dict[str, Any]:
    storage = described.get("StorageDescriptor", {})
    columns = [c for c in storage.get("Columns", []) if c["Name"] in named]
    keys = [key for key in described.get("PartitionKeys", []) if key["Name"] in named]
    return {**described, "StorageDescriptor": {**storage, "Columns": columns}, "PartitionKeys": keys}


def _column_names(described: dict[str, Any]) -> list[str]:
    columns = described.get("StorageDescriptor", {}).get("Columns", [])
    return [str(column["Name"]) for column in (*columns, *described.get("PartitionKeys", []))]


def _is_found(described: dict[str, Any], params: dict[str, Any]) -> bool:
    text = str(params.get("SearchText") or "").strip('"').lower()
    words = " ".join((described["Name"], described.get("Description") or "", *_column_names(described)))
    filters = params.get("Filters") or ()
    return text in words.lower() and all(str(described.get(f["Key"])) == f["Value"] for f in filters)


def _table(call: Call, key: str) -> Any:
    """The table that the call names; None where there is none, which moto says."""
    of_name = {d.name: d for d in _backend(call).get_databases()}.get(call.params["DatabaseName"])
    return of_name.tables.get(call.params.get(key)) if of_name else None


def _backend(call: Call) -> Any:
    return glue_backends[call.account][call.region]


def _denied(name: str) -> ApiError:
    return ApiError(_DENIED, f"Insufficient Lake Formation permission(s): Required Describe on {name}")


def _plain(content: dict[str, Any]) -> dict[str, Any]:
    """With times as Glue sends them: seconds since 1970."""

    def seconds(value: datetime) -> float:
        return value.timestamp()

    result: dict[str, Any] = json.loads(json.dumps(content, default=seconds))
    return result
