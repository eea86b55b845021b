"""Items of DynamoDB as plain values of Python, and back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Item = dict[str, Any]


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

    binary = {name: bytes(value["B"]) for name, value in raw.items() if "B" in value}
    others = {name: value for name, value in raw.items() if name not in binary}
    return {**{n: plain(TypeDeserializer().deserialize(v)) for n, v in others.items()}, **binary}
