"""Values of Arrow as values of a column, or as the texts that `typed_text` reads; no value is changed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from typing import Any

from glue_jobs.connections.staging import arrow
from glue_jobs.sources.columnar.arrow_types import arrow_type, value_type

# The years 1 to 9999, in days and in microseconds since 1970: other engines have no others.
_DAYS = (-719_162, 2_932_896)
_MICROS = (_DAYS[0] * 86_400_000_000, (_DAYS[1] + 1) * 86_400_000_000 - 1)
_MIDNIGHT = r"[T ]00:00:00(\.0+)?Z?$"
_TICKS = {"s": 1, "ms": 1000, "us": 1_000_000, "ns": 1_000_000_000}


def values_of(array: Any, column_type: str) -> tuple[Any, Any]:
    """(values of the column's type, texts of those that no such column holds), of the same length.

    A value whose text is given is null. Only times and texts have such values: bytes that are not UTF-8, a
    part of a microsecond, a year that other engines have not. Others are what their type says.
    """
    pa, pc = arrow(), arrow("compute")
    array, absent = _plain(array), None
    kind, target = array.type, arrow_type(column_type)
    types = pa.types
    if types.is_timestamp(kind):
        plain, absent = _micros(array)
    elif types.is_date(kind):
        plain = array.cast(pa.date32(), safe=False)
        absent = _outside(plain.cast(pa.int32()), _DAYS)
    elif column_type == "string" and not types.is_null(kind):
        return _strings(array)
    else:
        plain = array
    values = plain.cast(target)
    if absent is None or not pc.any(absent, min_count=0).as_py():
        return values, pa.nulls(len(array), pa.string())
    texts = pc.if_else(absent, texts_of(array, column_type), None)
    return pc.if_else(absent, pa.scalar(None, target), values), texts


def texts_of(array: Any, column_type: str) -> Any:
    """The texts of the values: numbers with every digit, times in ISO 8601, nested values as JSON."""
    pa, pc = arrow(), arrow("compute")
    array, types = _plain(array), pa.types
    kind = array.type
    if types.is_nested(kind) or not _casts(kind):
        return pa.array([_text(value, kind) for value in array.to_pylist()], pa.string())
    texts = array.cast(pa.string())
    if types.is_timestamp(kind):
        # Further digits of a second are read when they are zeros; a time at midnight is also a day.
        texts = pc.replace_substring_regex(texts, r"(\.[0-9]{6})000", r"\1")
        return pc.replace_substring_regex(texts, _MIDNIGHT, "") if column_type == "date" else texts
    if types.is_date(kind) and column_type == "timestamp":
        return pc.binary_join_element_wise(texts, " 00:00:00", "")
    return texts


def _strings(array: Any) -> tuple[Any, Any]:
    pa = arrow()
    try:
        texts = array.cast(pa.string()) if _casts(array.type) or _is_bytes(array.type) else None
    except pa.ArrowInvalid:
        pairs = [_decoded(value) for value in array.to_pylist()]
        return pa.array([t for t, _ in pairs], pa.string()), pa.array([r for _, r in pairs], pa.string())
    texts = texts_of(array, "string") if texts is None else texts
    return texts, pa.nulls(len(array), pa.string())


def _decoded(value: bytes | None) -> tuple[str | None, str | None]:
    """(the text of the bytes, what stands for them in quarantine): one of both is None."""
    if value is None:
        return None, None
    try:
        return value.decode(), None
    except UnicodeDecodeError:
        return None, value.decode("utf-8", "replace")


def _is_bytes(kind: Any) -> bool:
    types = arrow().types
    return bool(types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind))


def _plain(array: Any) -> Any:
    """The array without a dictionary or an extension around it."""
    pa = arrow()
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_dictionary(array.type):
        return _plain(array.dictionary_decode())
    if isinstance(array.type, pa.BaseExtensionType) and array.type != value_type(array.type):
        return _plain(array.storage)
    return array


def _casts(kind: Any) -> bool:
    """Whether Arrow's own texts of the type are those wanted, for every value."""
    types = arrow().types
    plain = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
    return bool(plain or number or types.is_boolean(kind) or types.is_date(kind) or types.is_timestamp(kind))


def _micros(array: Any) -> tuple[Any, Any]:
    """(timestamps in microseconds of UTC, whether a value has a finer one or one of no year)."""
    pa, pc = arrow(), arrow("compute")
    ticks, per = array.cast(pa.int64()), _TICKS[array.type.unit]
    if per > 1_000_000:
        micros = pc.divide(ticks, per // 1_000_000)
        absent = pc.not_equal(pc.multiply(micros, per // 1_000_000), ticks)
    else:
        least, most = _MICROS[0] * per // 1_000_000, _MICROS[1] * per // 1_000_000
        absent = pc.or_(pc.less(ticks, least), pc.greater(ticks, most))
        micros = pc.multiply(pc.if_else(absent, 0, ticks), 1_000_000 // per)
    return micros.cast(pa.timestamp("us", tz="UTC")), pc.fill_null(absent, False)


def _outside(numbers: Any, span: tuple[int, int]) -> Any:
    pc = arrow("compute")
    return pc.fill_null(pc.or_(pc.less(numbers, span[0]), pc.greater(numbers, span[1])), False)


def _text(value: Any, kind: Any) -> str | None:
    if value is None:
        return None
    if arrow().types.is_nested(kind):
        return json.dumps(_nested(value, kind), ensure_ascii=False)
    return str(_leaf(value))


def _nested(value: Any, kind: Any) -> Any:
    types, kind = arrow().types, value_type(kind)
    if value is None:
        return None
    if types.is_map(kind):
        return {str(_leaf(key)): _nested(item, kind.item_type) for key, item in value}
    if types.is_struct(kind):
        return {field.name: _nested(value[field.name], field.type) for field in kind}
    if types.is_nested(kind):
        return [_nested(item, kind.value_type) for item in value]
    return _leaf(value)


def _leaf(value: Any) -> Any:
    """A value as JSON holds it: a number with every digit is a text there."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return value if isinstance(value, int | float | bool | str) else str(value)
