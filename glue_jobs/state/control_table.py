"""Conditional puts on DynamoDB that are safe when a reply is lost.

botocore repeats a put whose reply was lost; the repetition then fails the put's own condition. So every item
carries the token of the attempt that wrote it, and after any failure the item is read back: our own token
means that the put succeeded.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from glue_jobs.aws import clients
from glue_jobs.state.item_codec import decode, encode
from lakehouse.environments.control import KEY, PART
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Control, control_table
from lakehouse.environments.packing import PARTS, pack, part_keys, unpack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# boto3 is imported where it is used: its import is slow, and most commands touch no AWS.

log = logging.getLogger(__name__)

# Of an item whose parts another writer replaces at the same time.
_READS = 5
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
    """One control table. Items hold str, int, float, bool, None, lists and dicts; the key is `pk`.

    An item may be of any size: a large one is compressed, and split into several. With `once` no call is
    repeated: its caller does that, by a clock of its own.
    """

    def __init__(self, env: Environment, control: Control, *, once: bool = False) -> None:
        self.table = control_table(env, control)
        self._env = env
        self._once = once

    @property
    def _db(self) -> DynamoDBClient:
        aws = clients(self._env)
        return aws.dynamodb_once if self._once else aws.dynamodb

    def get(self, pk: str) -> Item | None:
        """The item as it is now, by a consistent read; None where it does not exist."""
        item = self._get(pk)
        return None if item is None else self._whole(item)

    def _get(self, pk: str) -> Item | None:
        reply = self._db.get_item(TableName=self.table, Key={KEY: {"S": pk}}, ConsistentRead=True)
        return decode(reply["Item"]) if "Item" in reply else None

    def _whole(self, item: Item) -> Item:
        """The item with the values that were compressed or split.

        Reads it anew while another writer replaces it, and deletes its old parts.
        """
        for _ in range(_READS):
            try:
                return unpack(item, map(self._get, part_keys(item[KEY], item.get(PARTS))))
            except LookupError:
                item = self._get(item[KEY]) or item
        return unpack(item, map(self._get, part_keys(item[KEY], item.get(PARTS))))

    def create(self, item: Item) -> Item:
        """Puts an item whose key must be new. Raises ConflictError."""
        return self._put(item, f"attribute_not_exists({KEY})", {})

    def replace(self, old: Item, item: Item) -> Item:
        """Replaces exactly the version `old`.

        Raises ConflictError when the item has changed since it was read.
        """
        written = self._put(item, "#token = :old", {":old": {"S": old[TOKEN]}})
        self._delete_parts(old, written)
        return written

    def _delete_parts(self, old: Item, new: Item) -> None:
        """Deletes the parts that only `old` named. Parts that stay cost cents, and no item names them."""
        _, parts = pack({name: value for name, value in old.items() if name != TOKEN})
        _, current = pack({name: value for name, value in new.items() if name != TOKEN})
        for key in {part[KEY] for part in parts} - {part[KEY] for part in current}:
            try:
                self._db.delete_item(TableName=self.table, Key={KEY: {"S": key}})
            except Exception as error:  # the item itself is written
                log.warning("a part of %s was not deleted: %s", old[KEY], error)

    def _put(self, item: Item, condition: str, values: Mapping[str, Any]) -> Item:
        from botocore.exceptions import BotoCoreError, ClientError

        small, parts = pack(item)
        token = uuid.uuid4().hex
        # The parts first: an item never names a part that is not there.
        for part in parts:
            self._db.put_item(TableName=self.table, Item=encode(part))
        item = {**item, TOKEN: token}
        call: dict[str, Any] = {
            "TableName": self.table,
            "Item": encode({**small, TOKEN: token}),
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
            (
                self._whole(item)
                for page in pages
                for item in map(decode, page["Items"])
                if not _is_part(item)
            ),
            key=lambda item: str(item[KEY]),
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
            yield from (self._whole(decode(item)) for item in page["Items"])


def _is_part(item: Item) -> bool:
    return PART in str(item[KEY])
