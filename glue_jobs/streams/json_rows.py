"""JSON messages, typed in one go; those that a strict parser refuses are read once more as text, as files are.

Nearly all messages go the fast way. Only of the others is it worth asking which field is the matter, and whether a number in quotes will do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from glue_jobs.contract.align import RAW
from glue_jobs.sources.columns import CORRUPT
from glue_jobs.streams.messages import CARRIED, REJECT, raw_of, reject_of, text_of
from glue_jobs.streams.place import enveloped, is_cdc, places
from schemas import Contract
from schemas.contract import Column as ContractColumn

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_BROKEN = "_corrupt_record"
# What JSON itself does not allow is a broken message, not a dialect.
_STRICT = {"allowSingleQuotes": "false", "allowNonNumericNumbers": "false", "maxStringLen": "1000000000"}
_TEXT = ("string", "date", "timestamp")
_NESTED = ("array", "map", "struct")
# Debezium: created, updated, deleted, and read by a snapshot.
OPS = ("c", "u", "d", "r")


def json_rows(messages: DataFrame, contract: Contract, most_bytes: int) -> DataFrame:
    """Numbers, booleans and nested values typed, dates and times as text, `_raw_<name>` where a type was refused. Keys are case-sensitive."""
    from pyspark.sql import functions as F

    place, given = places(contract), enveloped(contract)
    fields = [c for c in contract.columns if c.name not in place and c.name not in given]
    value, cdc = F.col("value"), is_cdc(contract)
    rows, read = _both_ways(messages, fields, most_bytes, cdc), _change if cdc else _object
    lost = F.when(~F.col("ok") & F.col("slow").isNull(), raw_of(value, most_bytes))
    reject = F.coalesce(reject_of(value, most_bytes), _no_change()) if cdc else reject_of(value, most_bytes)
    sent = rows.select(
        *[read("fast", c).alias(c.name) for c in fields],
        *[read("slow", c).alias(RAW + c.name) for c in fields],
        *[F.col(what).cast(contract.by_name[name].type).alias(name) for name, what in place.items()],
        *[_said(what, contract.by_name[name]) for name, what in given.items()],
        *[F.col(name.removeprefix("_")).alias(name) for name in CARRIED],
        lost.alias(CORRUPT),
        reject.alias(REJECT),
    )
    own = [F.col(n) for n in (*(RAW + c.name for c in fields if c.type not in _TEXT), CORRUPT, REJECT, *CARRIED)]
    return sent.select(*[_either(c) if c in fields else F.col(c.name) for c in contract.columns], *own)


def _both_ways(messages: DataFrame, fields: list[ContractColumn], most_bytes: int, cdc: bool) -> DataFrame:
    """`fast`: the message typed; `ok`: it is sound, and all of it was read; `slow`: one that is not, as text, unless it is not JSON at all."""
    from pyspark.sql import functions as F

    typed = _struct(fields, lambda c: "string" if c.type in _TEXT else c.type)
    loose = _struct(fields, lambda _: "string")
    if cdc:
        typed = f"op: string, before: struct<{typed}>, after: struct<{typed}>, ts_ms: bigint"
        loose = f"op: string, before: struct<{loose}>, after: struct<{loose}>, ts_ms: string"
    value = F.col("value")
    text = text_of(value, most_bytes)
    fast = F.from_json(text, f"struct<{typed}, {_BROKEN}: string>", {**_STRICT, "columnNameOfCorruptRecord": _BROKEN})
    sound = F.col("fast").isNotNull() & F.col(f"fast.{_BROKEN}").isNull() & (_is_flat(value) | _is_one(text))
    slow = F.from_json(F.concat(F.lit("["), text, F.lit("]")), f"array<struct<{loose}>>", _STRICT)[0]
    once = messages.select("topic", "partition", "offset", "timestamp", "value", fast.alias("fast"))
    judged = once.select("*", F.coalesce(sound, F.lit(False)).alias("ok"))
    kept = F.when(F.col("ok"), F.col("fast")).alias("fast")
    return judged.select(
        "topic", "partition", "offset", "timestamp", "value", "ok", kept, F.when(~F.col("ok") & _is_one(text), slow).alias("slow")
    )


def _is_flat(value: Column) -> Column:
    """Its only } is its last byte: then the object that was read is all of it."""
    from pyspark.sql import functions as F

    but_last = F.expr("substring(value, 1, octet_length(value) - 1)").cast("string")
    return (F.substring(value, -1, 1).cast("string") == "}") & ~F.contains(but_last, F.lit("}"))


def _is_one(text: Column) -> Column:
    """One JSON value and nothing after it. The parser stops at the end of a value: only one that can be both ended by ] and by } is whole."""
    from pyspark.sql import functions as F

    alone = F.json_array_length(F.concat(F.lit("["), text, F.lit("]"))) == 1
    named = F.size(F.json_object_keys(F.concat(F.lit('{"v":'), text, F.lit("}")))) == 1
    return F.coalesce(alone & named & F.startswith(F.ltrim(text), F.lit("{")), F.lit(False))


def _struct(fields: list[ContractColumn], kind: Callable[[ContractColumn], str]) -> str:
    return ", ".join(f"`{c.source_name.replace('`', '``')}`: {kind(c)}" for c in fields)


def _either(column: ContractColumn) -> Column:
    """As it was typed, or else what its text comes to."""
    from pyspark.sql import functions as F

    raw = f"`{RAW}{column.name}`"
    text = F.col(raw)
    if column.type.startswith(_NESTED):
        text = F.from_json(text, column.type, _STRICT)
    elif column.type not in _TEXT:
        text = F.expr(f"try_cast({raw} as {column.type})")
    return F.coalesce(F.col(f"`{column.name}`"), text).alias(column.name)


def _object(read: str, column: ContractColumn) -> Column:
    from pyspark.sql import functions as F

    return F.col(read).getField(column.source_name)


def _change(read: str, column: ContractColumn) -> Column:
    """A deletion is the row as it was, anything else the row as it is now."""
    from pyspark.sql import functions as F

    before, after = (F.col(f"{read}.{side}").getField(column.source_name) for side in ("before", "after"))
    return F.when(F.col(f"{read}.op") == "d", before).otherwise(after)


def _of_envelope(what: str) -> Column:
    from pyspark.sql import functions as F

    return F.coalesce(F.col(f"fast.{what}").cast("string"), F.col(f"slow.{what}"))


def _said(what: str, column: ContractColumn) -> Column:
    """op, ts_ms (milliseconds since 1970, or the time that they are), or whether the change is a deletion."""
    from pyspark.sql import functions as F

    op = _of_envelope("op")
    if what == "deleted":
        return F.coalesce(op == "d", F.lit(False)).alias(column.name)
    if what == "op":
        return op.alias(column.name)
    millis = _of_envelope("ts_ms").cast("bigint")
    return (F.timestamp_millis(millis) if column.type == "timestamp" else millis.cast(column.type)).alias(column.name)


def _no_change() -> Column:
    """Why an envelope is none: a reason of its own, so that nobody looks for it among the columns."""
    from pyspark.sql import functions as F

    op = _of_envelope("op")
    known = F.coalesce(op.isin(*OPS), F.lit(False))
    has = {side: F.col(f"fast.{side}").isNotNull() | F.col(f"slow.{side}").isNotNull() for side in ("before", "after")}
    unknown = F.concat(F.lit("cdc: op is "), F.coalesce(op, F.lit("missing")), F.lit(f", not one of {', '.join(OPS)}"))
    return (
        F.when(~F.col("ok") & F.col("slow").isNull(), F.lit(None).cast("string"))
        .when(~known, unknown)
        .when((op == "d") & ~has["before"], F.lit("cdc: a deletion without the row that was, 'before'"))
        .when((op != "d") & ~has["after"], F.lit("cdc: a change without the row that is, 'after'"))
    )
