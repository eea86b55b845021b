"""The catalog, the control tables and the keys of a local world, as plain JSON values."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from lakehouse.environments import names
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Control

_BYTES = "$bytes"
# Whoever held a lease has ended with the world.
_KEPT = tuple(control for control in Control if control is not Control.LEASES)


def catalog(glue: Any) -> list[dict[str, Any]]:
    """Each database with its tables, as the parameters of CreateDatabase and CreateTable."""
    pages = glue.get_paginator("get_databases").paginate()
    return [
        {"input": _only(glue, "DatabaseInput", database), "tables": _tables(glue, database["Name"])}
        for page in pages
        for database in page["DatabaseList"]
    ]


def _tables(glue: Any, database: str) -> list[dict[str, Any]]:
    pages = glue.get_paginator("get_tables").paginate(DatabaseName=database)
    return [_only(glue, "TableInput", table) for page in pages for table in page["TableList"]]


def _only(glue: Any, shape: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """What a parameter takes of an answer, without times."""
    members = glue.meta.service_model.shape_for(shape).members
    retained = {name: value for name, value in document.items() if name in members}
    return {name: value for name, value in retained.items() if not name.endswith(("Time", "Date"))}


def put_catalog(glue: Any, databases: Iterable[Mapping[str, Any]]) -> None:
    """Make databases and tables of an empty catalog."""
    for database in databases:
        glue.create_database(DatabaseInput=database["input"])
        for table in database["tables"]:
            glue.create_table(DatabaseName=database["input"]["Name"], TableInput=table)


def items(env: Environment, dynamodb: Any) -> dict[str, list[dict[str, Any]]]:
    """Control table → its items, in DynamoDB's own form."""
    return {
        str(control): [
            _readable(item)
            for page in dynamodb.get_paginator("scan").paginate(TableName=names.control_table(env, control))
            for item in page["Items"]
        ]
        for control in _KEPT
    }


def put_items(env: Environment, dynamodb: Any, tables: Mapping[str, Iterable[dict[str, Any]]]) -> None:
    """Put the items into their tables."""
    for control, rows in tables.items():
        for item in rows:
            dynamodb.put_item(TableName=names.control_table(env, Control(control)), Item=_stored(item))


def _readable(item: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(item, default=lambda value: {_BYTES: base64.b64encode(bytes(value)).decode()})
    document: dict[str, Any] = json.loads(text)
    return document


def _stored(item: dict[str, Any]) -> dict[str, Any]:
    def bytes_of(value: dict[str, Any]) -> Any:
        return base64.b64decode(value[_BYTES]) if value.keys() == {_BYTES} else value

    document: dict[str, Any] = json.loads(json.dumps(item), object_hook=bytes_of)
    return document
