"""The actions of DynamoDB's operations, with the partition keys that policies may name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from local_aws.iam.owned import Account

_LEADING = "dynamodb:leadingkeys"
_WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "Get": "GetItem"}

Values = tuple[str, str, Mapping[str, tuple[str, ...]]]


def of(account: Account, operation: str, params: dict[str, Any]) -> Iterator[Values]:
    """Action, resource and condition keys of an operation."""
    if operation.startswith("Transact"):
        for item in params.get("TransactItems", []):
            for kind, body in item.items():
                name = _WRITES.get(kind, "ConditionCheckItem")
                yield _on_table(account, name, body["TableName"], _keys(account, body["TableName"], body))
    elif "RequestItems" in params:
        for table, requests in params["RequestItems"].items():
            bodies = requests.get("Keys", []) if isinstance(requests, dict) else requests
            keys = tuple(key for body in bodies for key in _batch_keys(account, table, body))
            yield _on_table(account, operation, table, keys)
    elif "TableName" in params:
        table = params["TableName"]
        yield _on_table(account, operation, table, _keys(account, table, params), params.get("IndexName"))
    else:
        yield f"dynamodb:{operation}", params.get("ResourceArn", "*"), {}


def _on_table(
    account: Account, operation: str, table: str, keys: tuple[str, ...], index: str | None = None
) -> Values:
    arn = table if table.startswith("arn:") else account.arn("dynamodb", f"table/{table}")
    resource = f"{arn}/index/{index}" if index else arn
    return f"dynamodb:{operation}", resource, {_LEADING: keys} if keys else {}


def _batch_keys(account: Account, table: str, body: dict[str, Any]) -> tuple[str, ...]:
    """Of a key, or of a put or a deletion."""
    write = body.get("PutRequest") or body.get("DeleteRequest")
    return _keys(account, table, write if write else {"Key": body})


def _keys(account: Account, table: str, body: dict[str, Any]) -> tuple[str, ...]:
    """The values of the table's partition key in one item, key or query."""
    stored = account.table(table)
    if stored is None:
        return ()
    name = stored.hash_key_attr
    item = body.get("Key") or body.get("Item")
    if item is not None:
        return tuple(item.get(name, {}).values())
    return _queried(name, body)


def _queried(name: str, body: dict[str, Any]) -> tuple[str, ...]:
    """The value that a key condition compares the partition key with."""
    names = body.get("ExpressionAttributeNames", {})
    for left, right in re.findall(r"([#\w.]+)\s*=\s*(:\w+)", body.get("KeyConditionExpression", "")):
        if names.get(left, left) == name:
            return tuple(body.get("ExpressionAttributeValues", {}).get(right, {}).values())
    return ()
