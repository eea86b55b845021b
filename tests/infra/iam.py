"""Evaluates IAM policies as AWS does: a Deny wins, conditions must hold, and the default is to deny.

moto's own evaluation ignores conditions. This one knows the operators that the stack uses and refuses others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

Values = str | list[str]


@dataclass(frozen=True)
class Policies:
    """All policies of one principal, as parsed JSON."""

    documents: tuple[Mapping[str, Any], ...]
    always: Mapping[str, Values] = field(default_factory=dict)

    def allow(self, action: str, resource: str, **context: Values) -> bool:
        """`context`: condition keys, with `__` for `:` as `s3__prefix`."""
        given = {**self.always, **{key.replace("__", ":"): value for key, value in context.items()}}
        effects = {
            s["Effect"]
            for d in self.documents
            for s in d["Statement"]
            if _applies(s, action, resource, given)
        }
        return "Deny" not in effects and "Allow" in effects


def _applies(statement: Mapping[str, Any], action: str, resource: str, given: Mapping[str, Values]) -> bool:
    named = any(_like(action.lower(), p.lower()) for p in _many(statement["Action"]))
    if "NotResource" in statement:
        meant = not any(_like(resource, p) for p in _many(statement["NotResource"]))
    else:
        meant = any(_like(resource, p) for p in _many(statement["Resource"]))
    return (
        named
        and meant
        and all(_holds(op, tests, given) for op, tests in statement.get("Condition", {}).items())
    )


def _holds(operator: str, tests: Mapping[str, Values], given: Mapping[str, Values]) -> bool:
    scope, _, plain = operator.rpartition(":")
    if_exists = plain.endswith("IfExists")
    compare = {
        "StringEquals": _same,
        "StringLike": _like,
        "ArnEquals": _like,
        "ArnLike": _like,
        "Bool": _same,
    }[plain.removesuffix("IfExists")]
    assert scope in ("", "ForAllValues"), operator
    for key, patterns in tests.items():
        values = _many(given[key]) if key in given else []
        if not values:
            if if_exists or scope == "ForAllValues":
                continue
            return False
        if not all(any(compare(value, w) for w in _many(patterns)) for value in values):
            return False
    return True


def _same(value: str, pattern: str) -> bool:
    return value == pattern


def _like(value: str, pattern: str) -> bool:
    return _expression(pattern).fullmatch(value) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern), re.DOTALL)


def _many(value: Values) -> Iterable[str]:
    return [value] if isinstance(value, str) else value
