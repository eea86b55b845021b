"""Reads changes of a database as Debezium sends them: {"op": "c|u|d|r", "before": …, "after": …, "ts_ms": …}.

Such an envelope may also be the `payload` beside a `schema`, as Kafka Connect's converter sends it when
schemas are enabled.

`fast` and `slow` are the two ways in which json_rows parses a message: as typed fields, and as text.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import Column
from pyspark.sql import functions as F

from glue_jobs.contract.texts import typed_text
from glue_jobs.sources.json_text import entries_of, respelled_key, spelled_twice, value_in_any_case
from glue_jobs.sources.json_tokens import sent
from lakehouse.contracts.contract import Column as ContractColumn
from lakehouse.contracts.spelling import folded

# Created, updated, deleted, and read by a snapshot.
OPS = ("c", "u", "d", "r")
_SIDES = ("before", "after")
# In milliseconds since 1970.
_YEARS_1_TO_9999 = (-62_135_596_800_000, 253_402_300_799_999)
_NO_TIME = "cdc: ts_ms is no whole number of milliseconds in the years 1 to 9999"
_PARTS = ("op", *_SIDES, "ts_ms")
_PAYLOAD = "payload"


def envelope_ddl(fields: str, millis_type: str) -> str:
    """The fields of an envelope and of one in a payload, as the inside of a struct type.

    `fields` are those of the row.
    """
    parts = f"op: string, before: struct<{fields}>, after: struct<{fields}>, ts_ms: {millis_type}"
    return f"{parts}, {_PAYLOAD}: struct<{parts}>"


def unwrapped(way: str, *others: str) -> Column:
    """A parsed message with the parts of the payload where it is an envelope in a payload, and `others`."""
    message = F.col(way)
    inner, is_plain = message.getField(_PAYLOAD), F.lit(False)
    for part in _PARTS:
        is_plain = is_plain | message.getField(part).isNotNull()
    parts = [
        F.when(is_plain, message.getField(name)).otherwise(inner.getField(name)).alias(name)
        for name in _PARTS
    ]
    kept = [message.getField(name).alias(name) for name in others]
    return F.when(message.isNotNull(), F.struct(*parts, *kept)).alias(way)


def changed_field(way: str, column: ContractColumn) -> Column:
    """A field of the row: of a deletion as it was before, of any other change as it is after."""
    before, after = (F.col(f"{way}.{side}").getField(column.source_name) for side in _SIDES)
    return F.when(F.col(f"{way}.op") == "d", before).otherwise(after)


def has_respelled_key(text: Column, fields: Iterable[ContractColumn]) -> Column:
    """Whether a message has a key of the envelope or of its rows but for the case, wherever it stands."""
    names = [*_PARTS, _PAYLOAD, *(c.source_name for c in fields)]
    if len({folded(name) for name in names}) < len(set(names)):
        return F.lit(False)
    return text.rlike(respelled_key(names))


def in_any_case(text: Column, fields: list[ContractColumn], row_ddl: str) -> Column:
    """A message as texts, whatever the case of its keys; null for one with a key in two spellings.

    `row_ddl`: the fields of the row as texts, as in `envelope_ddl`.
    """
    outer = entries_of(text)
    is_plain = F.lit(False)
    for name in _PARTS:
        is_plain = is_plain | value_in_any_case(outer, name).isNotNull()
    message = F.when(is_plain, outer).otherwise(entries_of(value_in_any_case(outer, _PAYLOAD)))

    def part(name: str) -> Column:
        return value_in_any_case(message, name)

    def row(entries: Column) -> Column:
        values = [value_in_any_case(entries, c.source_name).alias(c.source_name) for c in fields]
        return F.when(entries.isNotNull(), F.struct(*values))

    sides = {name: entries_of(part(name)) for name in _SIDES}
    twice = F.coalesce(spelled_twice(message, _PARTS), F.lit(False)) | spelled_twice(outer, [_PAYLOAD])
    for entries in sides.values():
        twice = twice | F.coalesce(spelled_twice(entries, [c.source_name for c in fields]), F.lit(False))
    rows = [row(entries).alias(name) for name, entries in sides.items()]
    parts = F.struct(part("op").alias("op"), *rows, part("ts_ms").alias("ts_ms"))
    sides_ddl = ", ".join(f"{side}: struct<{row_ddl}>" for side in _SIDES)
    payload = F.lit(None).cast(f"struct<op: string, {sides_ddl}, ts_ms: string>")
    return F.when(~twice, F.struct(*(parts.getField(n).alias(n) for n in _PARTS), payload.alias(_PAYLOAD)))


def envelope_column(part: str, column: ContractColumn) -> Column:
    """op, ts_ms (milliseconds since 1970, or the time that they are), or whether the change is a deletion."""
    if part == "deleted":
        return F.coalesce(_either("op") == "d", F.lit(False)).alias(column.name)
    if part == "op":
        return _either("op").alias(column.name)
    # Beyond these years one message would end the stream, or be a time that other engines cannot read.
    millis = F.when(_millis().between(*_YEARS_1_TO_9999), _millis())
    value = F.timestamp_millis(millis) if column.type == "timestamp" else millis.cast(column.type)
    return value.alias(column.name)


def reject_reason(*, timed: bool) -> Column:
    """Why a message is no envelope: one reason of its own instead of one for each column.

    `timed`: a column holds its ts_ms.
    """
    op = _either("op")
    is_known = F.coalesce(op.isin(*OPS), F.lit(False))
    before, after = (F.col(f"fast.{side}").isNotNull() | F.col(f"slow.{side}").isNotNull() for side in _SIDES)
    unknown_op = F.concat(
        F.lit("cdc: op is "), F.coalesce(op, F.lit("missing")), F.lit(f", not one of {', '.join(OPS)}")
    )
    return (
        F.when(F.col("fast").isNull() & F.col("slow").isNull(), F.lit(None).cast("string"))
        .when(~is_known, unknown_op)
        .when((op == "d") & ~before, F.lit("cdc: a deletion without the row that was, 'before'"))
        .when((op != "d") & ~after, F.lit("cdc: a change without the row that is, 'after'"))
        .when(_is_misread() if timed else F.lit(False), F.lit(_NO_TIME))
    )


def _millis() -> Column:
    # A cast would cut 1.5 to 1.
    late = F.expr(typed_text(sent("slow.ts_ms", "bigint"), "bigint"))
    return F.coalesce(F.col("fast.ts_ms"), late)


def _is_misread() -> Column:
    """Whether a message has a ts_ms that is no time."""
    is_time = F.coalesce(_millis().between(*_YEARS_1_TO_9999), F.lit(False))
    return (F.col("fast.ts_ms").isNotNull() | F.col("slow.ts_ms").isNotNull()) & ~is_time


def _either(part: str) -> Column:
    return F.coalesce(F.col(f"fast.{part}").cast("string"), F.expr(sent(f"slow.{part}", "bigint")))
