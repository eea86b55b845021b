"""Which types of Arrow are a column's own, which become it value by value, and which never do."""

from __future__ import annotations

import re
from typing import Any, Literal

from glue_jobs.connections.staging import arrow
from lakehouse.contracts.contract import NESTED

# `same`: every value is one of the column. `text`: a value is what its text says.
Fit = Literal["same", "text"]
_BITS = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}


def arrow_type(column_type: str) -> Any:
    """The type of Arrow that Spark takes for a column's; None for a nested one."""
    pa = arrow()
    if digits := re.fullmatch(r"decimal\((\d+),(\d+)\)", column_type):
        return pa.decimal128(int(digits[1]), int(digits[2]))
    if column_type in _BITS:
        return getattr(pa, f"int{_BITS[column_type]}")()
    plain = {
        "string": pa.string(),
        "boolean": pa.bool_(),
        "float": pa.float32(),
        "double": pa.float64(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "binary": pa.binary(),
    }
    return plain.get(column_type)


def value_type(kind: Any) -> Any:
    """The type of the values: of a dictionary its values', of an extension its storage's."""
    types = arrow().types
    if types.is_dictionary(kind):
        return value_type(kind.value_type)
    extension = isinstance(kind, arrow().BaseExtensionType) and kind.extension_name != "arrow.uuid"
    return value_type(kind.storage_type) if extension else kind


def fit_of(kind: Any, column_type: str, *, zoned: bool) -> Fit | None:
    """How values of an Arrow type become the column's; None where they are of another kind.

    `zoned`: the source says in which zone the clocks of its files stand.
    """
    pa, kind = arrow(), value_type(kind)
    types = pa.types
    is_text = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    if types.is_null(kind):
        return "same"
    if NESTED.match(column_type):
        return "text" if is_text or types.is_nested(kind) else None
    if is_text:
        return "same" if column_type == "string" else "text"
    if column_type == "string":
        return _text_fit(kind)
    if column_type == "binary":
        return "same" if _is_binary(kind) else None
    if column_type == "boolean":
        return "same" if types.is_boolean(kind) else None
    if column_type in ("date", "timestamp"):
        return _time_fit(kind, column_type, zoned=zoned)
    return _number_fit(kind, column_type)


def _is_binary(kind: Any) -> bool:
    types = arrow().types
    return bool(types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind))


def _text_fit(kind: Any) -> Fit | None:
    """Texts of old writers are bytes; times of day and UUIDs have no type of their own here."""
    is_uuid = getattr(kind, "extension_name", "") == "arrow.uuid"
    return "same" if is_uuid or _is_binary(kind) or arrow().types.is_time(kind) else None


def _time_fit(kind: Any, column_type: str, *, zoned: bool) -> Fit | None:
    types = arrow().types
    if column_type == "date":
        return "same" if types.is_date(kind) else "text" if types.is_timestamp(kind) else None
    if types.is_timestamp(kind):
        return "same" if kind.tz is not None or not zoned else "text"
    return "text" if types.is_date(kind) else None


def _number_fit(kind: Any, column_type: str) -> Fit | None:
    types = arrow().types
    if not (types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)):
        return None
    if column_type in _BITS and types.is_integer(kind):
        bits = kind.bit_width + (0 if types.is_signed_integer(kind) else 1)
        return "same" if bits <= _BITS[column_type] else "text"
    digits = re.fullmatch(r"decimal\((\d+),(\d+)\)", column_type)
    if digits and types.is_decimal(kind):
        whole, scale = int(digits[1]) - int(digits[2]), int(digits[2])
        return "same" if 0 <= kind.scale <= scale and kind.precision - kind.scale <= whole else "text"
    if types.is_floating(kind) and column_type in ("float", "double"):
        return "same" if kind.bit_width <= (32 if column_type == "float" else 64) else "text"
    return "text"
