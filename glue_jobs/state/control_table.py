"""Conditional puts on DynamoDB that are safe when a reply is lost.

botocore repeats a put whose reply was lost; the repetition then fails the put's own condition. So every item
carries the token of the attempt that wrote it, and after any failure the item is read back: our own token
means that the put succeeded.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from glue_jobs.aws import clients
from lakehouse.environments.control import KEY
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Control, control_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# boto3 is imported where it is used: its import is slow, and most commands touch no AWS.

TOKEN = "token"  # noqa: S105  the name of a column
Item = dict[str, Any]


class ConflictError(Exception):
    """The condition of a put failed because another writer changed the item.

    `current`: the item as it is now.
    """

    def __init__(self, pk: str, current: Item | None) -> None:
        self.pk = pk
        self.current = current
        super().__init__(f"'{pk}' was changed by another writer")


class ControlTable:
    """One control table. Items hold str, int, float, bool, None, lists and dicts; the key is `pk`."""

    def __init__(self, env: Environment, control: Control) -> None:
        self.table = control_table(env, control)
        self._env = env

    @property
    def _db(self) -> DynamoDBClient:
        return clients(self._env).dynamodb

    def get(self, pk: str) -> Item | None:
        """The item as it is now, by a consistent read; None where it does not exist."""
        reply = self._db.get_item(TableName=self.table, Key={KEY: {"S": pk}}, ConsistentRead=True)
        return decode(reply["Item"]) if "Item" in reply else None

    def create(self, item: Item) -> Item:
        """Puts an item whose key must be new. Raises ConflictError."""
        return self._put(item, f"attribute_not_exists({KEY})", {})

    def replace(self, old: Item, item: Item) -> Item:
        """Replaces exactly the version `old`.

        Raises ConflictError when the item has changed since it was read.
        """
        return self._put(item, "#token = :old", {":old": {"S": old[TOKEN]}})

    def _put(self, item: Item, condition: str, values: Mapping[str, Any]) -> Item:
        from botocore.exceptions import BotoCoreError, ClientError

        item = {**item, TOKEN: uuid.uuid4().hex}
        call: dict[str, Any] = {
            "TableName": self.table,
            "Item": encode(item),
            "ConditionExpression": condition,
        }
        if values:
            call |= {"ExpressionAttributeNames": {"#token": TOKEN}, "ExpressionAttributeValues": dict(values)}
        try:
            self._db.put_item(**call)
        except (ClientError, BotoCoreError) as error:
            condition_failed = (
                isinstance(error, ClientError)
                and error.response["Error"]["Code"] == "ConditionalCheckFailedException"
            )
            # After a failed condition, and after a reply that every repetition lost, only the item tells who
            # wrote last.
            current = self.get(item[KEY])
            if current is None or current[TOKEN] != item[TOKEN]:
                if condition_failed:
                    raise ConflictError(item[KEY], current) from None
                raise
        return item

    def scan(self, prefix: str) -> Iterator[Item]:
        """Every item whose key begins with `prefix`, in key order.

        Reads the whole table, so only for small tables.
        """
        call: dict[str, Any] = {"TableName": self.table, "ConsistentRead": True}
        if prefix:
            call |= {
                "FilterExpression": f"begins_with({KEY}, :prefix)",
                "ExpressionAttributeValues": {":prefix": {"S": prefix}},
            }
        pages = self._db.get_paginator("scan").paginate(**call)
        yield from sorted(
            (decode(item) for page in pages for item in page["Items"]), key=lambda item: str(item[KEY])
        )

    def newest(self, index: str, key: tuple[str, str], where: Mapping[str, str]) -> Iterator[Item]:
        """The items of one partition of an index, newest first, page by page.

        `where`: column → value that items must have.
        """
        names = {"#key": key[0], **{f"#w{i}": name for i, name in enumerate(where)}}
        values = {":key": {"S": key[1]}, **{f":w{i}": {"S": value} for i, value in enumerate(where.values())}}
        call: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": index,
            "KeyConditionExpression": "#key = :key",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
            "ScanIndexForward": False,
        }
        if where:
            call["FilterExpression"] = " AND ".join(f"#w{i} = :w{i}" for i in range(len(where)))
        for page in self._db.get_paginator("query").paginate(**call):
            yield from map(decode, page["Items"])


def encode(item: Item) -> dict[str, Any]:
    """An item in DynamoDB's typed form.

    A float becomes the shortest decimal that reads back as the same float.
    """
    from boto3.dynamodb.types import TypeSerializer

    def exact(value: Any) -> Any:
        if isinstance(value, float):
            return Decimal(repr(value))
        if isinstance(value, Mapping):
            return {str(k): exact(v) for k, v in value.items()}
        return [exact(v) for v in value] if isinstance(value, list | tuple) else value

    return {name: TypeSerializer().serialize(exact(value)) for name, value in item.items()}


def decode(raw: Mapping[str, Any]) -> Item:
    """An item from DynamoDB's typed form; whole numbers become int, others float."""
    from boto3.dynamodb.types import TypeDeserializer

    def plain(value: Any) -> Any:
        if isinstance(value, Decimal):
            return int(value) if value == value.to_integral_value() else float(value)
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        return [plain(v) for v in value] if isinstance(value, list) else value

    return {name: plain(TypeDeserializer().deserialize(value)) for name, value in raw.items()}
