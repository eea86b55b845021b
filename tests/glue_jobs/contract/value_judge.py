"""Judges single values of a contract by `jsonschema`, and by Python's decimal and datetime."""

from __future__ import annotations

import re
import struct
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

REFUSED = object()
# A time is judged below: the library wants an offset, which the guide does not.
CHECKER = FormatChecker(("date", "uuid", "email"))
# RFC 9562; the library passes over hyphens too many, and takes digits of other alphabets.
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
CHECKER.checks("uuid")(lambda value: not isinstance(value, str) or bool(_UUID.fullmatch(value)))
_EXACT = Context(prec=20_000)
# No column takes numbers that are so large, or so small and not zero, but as a double that is zero.
_FARTHEST = 5_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RANGES = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}
# RFC 3339, with what the guide adds: a blank for the T, no seconds, no offset, an offset without a colon.
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?[0-5]\d)?", re.ASCII
)


def stored(schema: dict[str, Any], spark_type: str, value: Any) -> Any:
    """What a table holds of a value, or REFUSED. A time is its microseconds since 1970.

    `value` is a text, or a value of JSON whose numbers with a fraction or exponent are Decimals.
    """
    if value is None:
        return None
    typed = _typed(spark_type, value)
    if typed is REFUSED:
        return REFUSED
    # Dates and times are texts to JSON Schema, and its whole numbers are Python's.
    asked = value if schema["type"][0] == "string" else typed
    if isinstance(asked, Decimal) and asked == asked.to_integral_value():
        asked = int(asked)
    rules = {k: v for k, v in schema.items() if k != "x-lake"}
    return typed if Draft202012Validator(rules, format_checker=CHECKER).is_valid(asked) else REFUSED


def exact(text: str) -> Decimal:
    """The number of a text, however large its exponent is. Raises InvalidOperation for no number."""
    try:
        return Decimal(text)
    except InvalidOperation:
        mantissa, _, exponent = text.lower().partition("e")
        if not re.fullmatch(r"[+-]?[0-9]{10,}", exponent):
            raise
        return Decimal(mantissa).scaleb(-2 * _FARTHEST if exponent.startswith("-") else 2 * _FARTHEST, _EXACT)


def _typed(spark_type: str, value: Any) -> Any:
    if spark_type == "string":
        return value if isinstance(value, str) else REFUSED
    if spark_type == "boolean":
        named = {"true": True, "false": False}.get(value, REFUSED) if isinstance(value, str) else value
        return named if isinstance(named, bool) else REFUSED
    if spark_type in ("date", "timestamp"):
        return (_day if spark_type == "date" else _moment)(value) if isinstance(value, str) else REFUSED
    number = _number(value)
    return REFUSED if number is None else _as_number(spark_type, number)


def _number(value: Any) -> Decimal | None:
    """The number of a JSON number, or of a text that is one in ASCII, with blanks around it or without."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    if not isinstance(value, str):
        return Decimal(value)
    text = value.strip(" \t")
    if not text.isascii() or re.search(r"[\s_]", text):
        return None
    try:
        number = exact(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _as_number(spark_type: str, number: Decimal) -> Any:
    if not number:
        number = Decimal(0)
    elif number.adjusted() < -_FARTHEST and spark_type in ("double", "float"):
        return 0.0
    elif abs(number.adjusted()) > _FARTHEST:
        return REFUSED
    if spark_type in _RANGES:
        half = 2 ** (_RANGES[spark_type] - 1)
        return int(number) if number == number.to_integral_value() and -half <= number < half else REFUSED
    if spark_type == "double":
        return float(number) if abs(float(number)) != float("inf") else REFUSED
    if spark_type == "float":
        try:
            single = struct.unpack("f", struct.pack("f", float(number)))[0]
        except OverflowError:
            return REFUSED
        return single if abs(single) != float("inf") else REFUSED
    precision, scale = map(int, re.findall(r"\d+", spark_type))
    shifted = number.scaleb(scale, _EXACT)
    whole = (
        shifted == shifted.to_integral_value(context=_EXACT) and shifted.copy_abs() < Decimal(10) ** precision
    )
    return number if whole else REFUSED


def _day(text: str) -> Any:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else REFUSED
    except ValueError:
        return REFUSED


def _moment(text: str) -> Any:
    if not _MOMENT.fullmatch(text):
        return REFUSED
    try:
        read = datetime.fromisoformat(text)
        moment = read if read.tzinfo else read.replace(tzinfo=UTC)
        return (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return REFUSED
