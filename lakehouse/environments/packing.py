"""Keeps items below the 400 KB of DynamoDB: large values are compressed, and what is still large is split.

The parts are items of their own, named by a digest of their content and put before the item that names them,
so a reader of the item has either all of the old value or all of the new one.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable
from typing import Any

from lakehouse.environments.control import KEY, PART

Item = dict[str, Any]

# DynamoDB counts names and values in UTF-8, and takes 400 KB with all of them: there is room for the rest.
PLAIN_BYTES = 100_000
PART_BYTES = 300_000
PACKED, PARTS = "packed", "parts"


def pack(item: Item) -> tuple[Item, list[Item]]:
    """(the item, its parts): the item itself and no part while it is small."""
    large = {name: value for name, value in item.items() if _size(value) > PLAIN_BYTES // 10}
    if sum(map(_size, item.values())) <= PLAIN_BYTES or not large:
        return item, []
    body = zlib.compress(json.dumps(large, separators=(",", ":")).encode(), 6)
    small = {name: value for name, value in item.items() if name not in large}
    if len(body) <= PART_BYTES:
        return {**small, PACKED: body}, []
    digest = hashlib.sha256(body).hexdigest()[:16]
    pieces = [body[i : i + PART_BYTES] for i in range(0, len(body), PART_BYTES)]
    named = {"digest": digest, "count": len(pieces)}
    parts = [
        {KEY: key, PACKED: piece} for key, piece in zip(part_keys(item[KEY], named), pieces, strict=True)
    ]
    return {**small, PARTS: named}, parts


def part_keys(key: str, named: Any) -> list[str]:
    """The keys of the parts that an item names; none where it names none."""
    count = int(named["count"]) if named else 0
    return [f"{key}{PART}{named['digest']}.{number}" for number in range(count)]


def unpack(item: Item, parts: Iterable[Item | None]) -> Item:
    """The item with its large values. Raises LookupError when a part is missing."""
    body = item.get(PACKED, b"")
    for part in parts:
        if part is None:
            raise LookupError(f"a part of '{item[KEY]}' is missing")
        body += part[PACKED]
    if not body:
        return item
    small = {name: value for name, value in item.items() if name not in (PACKED, PARTS)}
    return {**small, **json.loads(zlib.decompress(body))}


def _size(value: Any) -> int:
    """About as many bytes as DynamoDB counts."""
    return len(value.encode()) if isinstance(value, str) else len(json.dumps(value, default=str))
