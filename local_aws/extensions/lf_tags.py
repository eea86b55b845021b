"""LF-tags of databases, tables and columns: one value per key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.lakeformation.models import LakeFormationBackend, lakeformation_backends

from local_aws.extensions.calls import Call, path

Target = tuple[str, ...]
_assigned: dict[Target, dict[str, dict[str, Any]]] = {}


def tags_of(region: str, *path: str) -> dict[str, str]:
    """Key → value of a database, of a table in it, or of a column of that; each inherits and may differ."""
    tags: dict[str, str] = {}
    for depth in range(1, len(path) + 1):
        own = _assigned.get((region, *path[:depth]), {})
        tags |= {key: tag["TagValues"][0] for key, tag in own.items()}
    return tags


@path("lakeformation", "POST", "/AddLFTagsToResource")
def add(call: Call) -> dict[str, Any]:
    defined = _backend(call).list_lf_tags(_catalog(call))
    failures = [
        _failure(tag)
        for tag in call.params["LFTags"]
        if not set(tag["TagValues"]) <= set(defined.get(tag["TagKey"], []))
    ]
    if not failures:
        for target in _targets(call):
            for tag in call.params["LFTags"]:
                _assigned.setdefault(target, {})[tag["TagKey"]] = {"CatalogId": _catalog(call), **tag}
    return {"Failures": failures}


@path("lakeformation", "POST", "/RemoveLFTagsFromResource")
def remove(call: Call) -> dict[str, Any]:
    for target in _targets(call):
        for tag in call.params["LFTags"]:
            _assigned.get(target, {}).pop(tag["TagKey"], None)
    return {"Failures": []}


@path("lakeformation", "POST", "/GetResourceLFTags")
def get(call: Call) -> dict[str, Any]:
    resource = call.params["Resource"]
    of_database, of_table, of_columns = [], [], []
    for target in _targets(call):
        tags = list(_assigned.get(target, {}).values())
        if "TableWithColumns" in resource:
            of_columns += [{"Name": target[-1], "LFTags": tags}] if tags else []
        elif "Table" in resource:
            of_table += tags
        else:
            of_database += tags
    return {"LFTagOnDatabase": of_database, "LFTagsOnTable": of_table, "LFTagsOnColumns": of_columns}


@path("lakeformation", "POST", "/DeleteLFTag")
def delete_tag(call: Call) -> dict[str, Any]:
    key = call.params["TagKey"]
    _backend(call).delete_lf_tag(_catalog(call), key)
    for target, tags in _assigned.items():
        if target[0] == call.region:
            tags.pop(key, None)
    return {}


def _targets(call: Call) -> Iterator[Target]:
    resource = call.params["Resource"]
    if (columns := resource.get("TableWithColumns")) is not None:
        for name in columns.get("ColumnNames", []):
            yield call.region, columns["DatabaseName"], columns["Name"], name
    elif (table := resource.get("Table")) is not None:
        yield call.region, table["DatabaseName"], table["Name"]
    elif (database := resource.get("Database")) is not None:
        yield call.region, database["Name"]


def _backend(call: Call) -> LakeFormationBackend:
    return lakeformation_backends[call.account][call.region]


def _catalog(call: Call) -> str:
    return str(call.params.get("CatalogId") or call.account)


def _failure(tag: dict[str, Any]) -> dict[str, Any]:
    error = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Tag or tag value does not exist."}
    return {"LFTag": tag, "Error": error}
