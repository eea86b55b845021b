"""Splits a policy into managed ones, of which a role may have several: a role's own policy is bounded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

# IAM's limits of a managed policy, in characters without white space, and of policies at a role.
MAX_MANAGED, MAX_ATTACHED = 6_144, 10
_DOCUMENT = 60


def policy_parts(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Documents that together allow what one does. A statement that is too long is cut by its resources, or
    by the prefixes that it lists. Raises ValueError for one that cannot be cut.
    """
    parts: list[list[dict[str, Any]]] = []
    room = 0
    for statement in document["Statement"]:
        for piece in _pieces(statement):
            # Sids are unique within a policy alone.
            length = _length(piece) + 1
            if length > room or piece["Sid"] in {other["Sid"] for other in parts[-1]}:
                parts.append([])
                room = MAX_MANAGED - _DOCUMENT
            parts[-1].append(piece)
            room -= length
    return [{**document, "Statement": statements} for statements in parts]


def _pieces(statement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if _length(statement) < MAX_MANAGED - _DOCUMENT:
        yield statement
        return
    for half in _halves(statement):
        yield from _pieces(half)


def _halves(statement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    resources = statement["Resource"]
    prefixes = statement.get("Condition", {}).get("StringLikeIfExists", {}).get("s3:prefix", [])
    if isinstance(resources, list) and len(resources) > 1:
        for cut in _cut(resources):
            yield {**statement, "Resource": cut}
    elif len(prefixes) > 1:
        for cut in _cut(prefixes):
            yield {**statement, "Condition": {"StringLikeIfExists": {"s3:prefix": cut}}}
    else:
        raise ValueError(f"statement {statement['Sid']} has {_length(statement)} characters")


def _cut(items: list[str]) -> tuple[list[str], list[str]]:
    middle = len(items) // 2
    return items[:middle], items[middle:]


def _length(value: Any) -> int:
    return len("".join(json.dumps(value, separators=(",", ":")).split()))
