"""Lake Formation's data cells filters: the rows and columns of one table that a grant shows."""

from __future__ import annotations

import uuid
from typing import Any

from local_aws.extensions.calls import ApiError, Call, path

_KEY = ("TableCatalogId", "DatabaseName", "TableName", "Name")
_filters: dict[tuple[str, ...], dict[str, Any]] = {}


def filter_of(region: str, resource: dict[str, Any]) -> dict[str, Any]:
    """The filter that a grant names; empty where there is none."""
    return _filters.get((region, *(resource[name] for name in _KEY)), {})


@path("lakeformation", "POST", "/CreateDataCellsFilter")
def create(call: Call) -> dict[str, Any]:
    data = {"TableCatalogId": call.account, **call.params["TableData"]}
    if _key(call, data) in _filters:
        raise ApiError("AlreadyExistsException", "Filter already exists")
    if not ({"RowFilter", "ColumnNames", "ColumnWildcard"} & data.keys()):
        raise ApiError("InvalidInputException", "Either a row filter or columns must be given")
    _filters[_key(call, data)] = {**data, "VersionId": str(uuid.uuid4())}
    return {}


@path("lakeformation", "POST", "/GetDataCellsFilter")
def get(call: Call) -> dict[str, Any]:
    return {"DataCellsFilter": _existing(call, call.params)}


@path("lakeformation", "POST", "/UpdateDataCellsFilter")
def update(call: Call) -> dict[str, Any]:
    data = {"TableCatalogId": call.account, **call.params["TableData"]}
    _existing(call, data)
    _filters[_key(call, data)] = {**data, "VersionId": str(uuid.uuid4())}
    return {}


@path("lakeformation", "POST", "/ListDataCellsFilter")
def list_all(call: Call) -> dict[str, Any]:
    table = call.params.get("Table") or {}
    requested = {"DatabaseName": table.get("DatabaseName"), "TableName": table.get("Name")}
    of_region = [data for key, data in _filters.items() if key[0] == call.region]
    return {
        "DataCellsFilters": [
            d for d in of_region if all(v is None or d[k] == v for k, v in requested.items())
        ]
    }


@path("lakeformation", "POST", "/DeleteDataCellsFilter")
def delete(call: Call) -> dict[str, Any]:
    del _filters[_key(call, _existing(call, call.params))]
    return {}


def _key(call: Call, data: dict[str, Any]) -> tuple[str, ...]:
    with_catalog = {"TableCatalogId": call.account, **data}
    return (call.region, *(with_catalog[name] for name in _KEY))


def _existing(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    if (stored := _filters.get(_key(call, data))) is None:
        raise ApiError("EntityNotFoundException", f"Filter {data.get('Name')} was not found")
    return stored
