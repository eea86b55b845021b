"""The condition operators of policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address, ip_network
from typing import Any

from local_aws.iam.patterns import Compare, Context, any_holds, like, like_arn, many, same


class UnknownOperatorError(Exception):
    """A condition operator that IAM does not know."""


def hold(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Whether all conditions of a statement hold. Raises UnknownOperatorError."""
    return all(
        _holds(name, key.lower(), [_text(value) for value in many(expected)], context)
        for name, tests in conditions.items()
        for key, expected in tests.items()
    )


def _holds(name: str, key: str, expected: list[str], context: Context) -> bool:
    quantifier, _, plain = name.rpartition(":")
    optional = plain.endswith("IfExists")
    plain = plain.removesuffix("IfExists")
    values = context.get(key)
    if plain == "Null":
        return (values is None) == (expected[0].lower() == "true")
    compare, negated = _operator(plain)
    if values is None:
        return quantifier != "ForAnyValue" and (optional or negated or quantifier == "ForAllValues")

    def agrees(value: str) -> bool:
        return any_holds(compare, expected, value, context, negated=negated)

    if quantifier == "ForAnyValue":
        return any(map(agrees, values))
    # A request's single value is a set of one.
    return all(map(agrees, values))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _operator(name: str) -> tuple[Compare, bool]:
    if name in _COMPARE:
        return _COMPARE[name], False
    positive = _NEGATED.get(name)
    if positive is None:
        raise UnknownOperatorError(name)
    return _COMPARE[positive], True


def _ordered(parse: Callable[[str], Any], compares: Callable[[Any, Any], bool]) -> Compare:
    def compare(text: str, value: str, _context: Context) -> bool:
        try:
            return compares(parse(value), parse(text))
        except (ValueError, InvalidOperation):
            return False

    return compare


def _date(text: str) -> datetime:
    if text.lstrip("-").isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    date = datetime.fromisoformat(text)
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _in_network(text: str, value: str, _context: Context) -> bool:
    try:
        return ip_address(value) in ip_network(text, strict=False)
    except ValueError:
        return False


def _no_case(text: str, value: str, context: Context) -> bool:
    return same(text.lower(), value.lower(), context)


def _boolean(text: str, value: str, _context: Context) -> bool:
    return text.lower() == value.lower()


def _bytes(text: str, value: str, _context: Context) -> bool:
    try:
        return base64.b64decode(text) == base64.b64decode(value)
    except ValueError:
        return False


_ORDERS = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
_COMPARE: dict[str, Compare] = {
    "StringEquals": same,
    "StringEqualsIgnoreCase": _no_case,
    "StringLike": like,
    "ArnEquals": like_arn,
    "ArnLike": like_arn,
    "Bool": _boolean,
    "BinaryEquals": _bytes,
    "IpAddress": _in_network,
    **{f"Numeric{name}": _ordered(Decimal, compares) for name, compares in _ORDERS.items()},
    **{f"Date{name}": _ordered(_date, compares) for name, compares in _ORDERS.items()},
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}
