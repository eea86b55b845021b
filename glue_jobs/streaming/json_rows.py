"""Parses JSON messages into typed rows, with the defects of each.

Spark's parser types nearly all messages, and they are valid. Only the others are read once more as text, as
files are: to find out which field is defective, and whether a number in quotes will do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pyspark.sql import Column
from pyspark.sql import functions as F

from glue_jobs.contract.align import RAW
from glue_jobs.contract.texts import NESTED, TIME_PATTERNS, typed_text
from glue_jobs.sources import json_tokens
from glue_jobs.sources.columns import CORRUPT
from glue_jobs.streaming import envelopes
from glue_jobs.streaming.json_parser import (
    CORRUPT_RECORD,
    STRICT,
    TEXT_TYPES,
    corrupt_record,
    fields_in_any_case,
    is_flat_object,
    is_single_object,
    parse_json,
    parsed_type,
    respelled_message,
    struct_fields,
)
from glue_jobs.streaming.message_metadata import cdc_columns, is_cdc, kafka_columns
from glue_jobs.streaming.messages import (
    NO_VALUE,
    OFFSET_COLUMNS,
    READ_COLUMNS,
    REJECT,
    raw_text,
    reject_reason,
    text_of,
)
from lakehouse.contracts import Contract
from lakehouse.contracts.contract import Column as ContractColumn

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# Null without defects. Else a struct: each column `sent` as text; a `corrupt` text; a reason to `reject`.
DEFECTS = "_wrong"
# (way of parsing, column) → the field.
Field = Callable[[str, ContractColumn], Column]


def rows_of_json(messages: DataFrame, contract: Contract, max_bytes: int) -> DataFrame:
    """The contract's columns, `_partition`, `_offset`, and `_wrong`.

    A key in another case is the contract's field, in a CDC envelope too; a message with a field in two
    spellings is corrupt, as it is in a file. A nested value is its text unless its column has a nested type.
    """
    fields, cdc, value = _fields(contract), is_cdc(contract), F.col("value")
    field = envelopes.changed_field if cdc else _field
    rows = _cast_texts(_parse_both_ways(messages, fields, max_bytes, cdc), fields, field)
    reject, defective = reject_reason(value, max_bytes), ~F.col("ok")
    if cdc:
        no_change = envelopes.reject_reason(timed="ts_ms" in cdc_columns(contract).values())
        reject, defective = F.coalesce(reject, no_change), defective | no_change.isNotNull()
    corrupt = F.when(F.col("slow").isNull() & ~F.col("ok"), raw_text(value, max_bytes))
    sent = F.struct(*[F.expr(json_tokens.sent(f"text.`{c.name}`", c.type)).alias(c.name) for c in fields])
    defects = F.struct(sent.alias("sent"), corrupt.alias("corrupt"), reject.alias("reject"))
    return rows.select(
        *[_column(c, contract, field) for c in contract.columns],
        *[F.col(name.removeprefix("_")).alias(name) for name in OFFSET_COLUMNS],
        F.when(defective, defects).alias(DEFECTS),
    )


def with_defect_columns(rows: DataFrame, contract: Contract) -> DataFrame:
    """`_wrong` as the columns of the rules and the quarantine: `_raw_<name>`, `_corrupt`, `_reject`."""
    sent = [c.name for c in _fields(contract)]
    raw = [F.col(DEFECTS).getField("sent").getField(name).alias(RAW + name) for name in sent]
    other = [F.col(DEFECTS).getField(n).alias(name) for n, name in (("corrupt", CORRUPT), ("reject", REJECT))]
    return rows.select(*contract.column_names, *OFFSET_COLUMNS, *raw, *other)


def is_defective(contract: Contract) -> Column:
    """Whether a message is not JSON, is rejected, or has a value that is not of its type."""
    defects = F.col(DEFECTS)
    defective = defects.getField("corrupt").isNotNull() | defects.getField("reject").isNotNull()
    for c in _fields(contract):
        sent = defects.getField("sent").getField(c.name)
        defective = defective | (F.col(f"`{c.name}`").isNull() & sent.isNotNull())
    return defects.isNotNull() & defective


def is_tombstone() -> Column:
    """Whether a message has no value."""
    return F.coalesce(F.col(DEFECTS).getField("reject") == NO_VALUE, F.lit(False))


def _fields(contract: Contract) -> list[ContractColumn]:
    """The columns that are fields of the message."""
    beside = {**kafka_columns(contract), **cdc_columns(contract)}
    return [c for c in contract.columns if c.name not in beside]


def _parse_both_ways(
    messages: DataFrame, fields: list[ContractColumn], max_bytes: int, cdc: bool
) -> DataFrame:
    """Adds `ok`, whether a message is valid; `fast`, a valid one, typed; `slow`, any other JSON, as text.

    `nested` has the values of columns with a nested type of a valid one. `slow` has its numbers, true and
    false marked: see json_tokens.
    """
    typed, texts = struct_fields(fields, parsed_type), struct_fields(fields, lambda _: "string")
    row_texts = texts
    if cdc:
        typed, texts = envelopes.envelope_ddl(typed, "bigint"), envelopes.envelope_ddl(texts, "string")
    text = text_of(F.col("value"), max_bytes)
    exact = F.when(json_tokens.is_typed_exactly(text, fields), text)
    once = messages.select(*READ_COLUMNS, parse_json(exact, typed).alias("fast"))
    if cdc:
        once = once.select(*READ_COLUMNS, envelopes.unwrapped("fast", CORRUPT_RECORD))
    once = once.select("*", _nested_texts(fields, cdc).alias("json"))
    once = once.select("*", _nested_values(fields).alias("nested"))
    respelled = envelopes.has_respelled_key(text, fields) if cdc else respelled_message(fields)
    valid = _is_valid(fields, text, cdc) & ~respelled
    checked = once.select("*", F.coalesce(valid, F.lit(False)).alias("ok"))
    fast, nested = (F.when(F.col("ok"), F.col(name)).alias(name) for name in ("fast", "nested"))
    doubtful = ~F.col("ok") & is_single_object(text) & ~json_tokens.has_broken_escape(text)
    marked = json_tokens.with_marked_scalars(text)
    slow = F.from_json(F.concat(F.lit("["), marked, F.lit("]")), f"array<struct<{texts}>>", STRICT)[0]
    flat = fields_in_any_case(marked, fields)
    respelled_row = envelopes.in_any_case(marked, fields, row_texts) if cdc else flat
    slow = F.when(respelled, respelled_row).otherwise(slow)
    both = checked.select(*READ_COLUMNS, "ok", fast, nested, F.when(doubtful, slow).alias("slow"))
    return both.withColumn("slow", envelopes.unwrapped("slow")) if cdc else both


def _is_valid(fields: list[ContractColumn], text: Column, cdc: bool) -> Column:
    """Whether `fast` is one object that was typed whole, with times of their shape and nested values."""
    field = envelopes.changed_field if cdc else _field
    valid = F.col("fast").isNotNull() & corrupt_record("fast").isNull()
    valid = valid & (is_flat_object(F.col("value")) | is_single_object(text))
    for c in fields:
        sent = field("fast", c)
        if c.type in TIME_PATTERNS:
            is_time = sent.rlike(TIME_PATTERNS[c.type]) & sent.cast(c.type).isNotNull()
            valid = valid & (sent.isNull() | is_time)
        elif NESTED.match(c.type):
            valid = valid & (sent.isNull() | F.col("nested").getField(c.name).isNotNull())
    return valid


def _nested_texts(fields: list[ContractColumn], cdc: bool) -> Column:
    """The JSON texts of the columns with a nested type; null where there is no such column."""
    field = envelopes.changed_field if cdc else _field
    texts = [field("fast", c).alias(c.name) for c in fields if NESTED.match(c.type)]
    return F.struct(*texts) if texts else F.lit(None)


def _nested_values(fields: list[ContractColumn]) -> Column:
    values = [
        F.expr(typed_text(f"json.`{c.name}`", c.type)).alias(c.name) for c in fields if NESTED.match(c.type)
    ]
    return F.struct(*values) if values else F.lit(None)


def _cast_texts(rows: DataFrame, fields: list[ContractColumn], field: Field) -> DataFrame:
    """Adds `text`, the texts of a message, and `late`, cast to their types; null for one of the fast way."""
    texts = F.struct(*[field("slow", c).alias(c.name) for c in fields])
    cast = F.struct(*[_cast_text(c).alias(c.name) for c in fields])
    return rows.select("*", F.when(F.col("slow").isNotNull(), texts).alias("text")).select(
        "*", F.when(F.col("text").isNotNull(), cast).alias("late")
    )


def _cast_text(column: ContractColumn) -> Column:
    text = f"text.`{column.name}`"
    if column.type == "string":
        return F.expr(json_tokens.text_sent(text))
    return F.expr(typed_text(json_tokens.sent(text, column.type), column.type))


def _column(c: ContractColumn, contract: Contract, field: Field) -> Column:
    metadata, envelope = kafka_columns(contract), cdc_columns(contract)
    if c.name in metadata:
        return F.col(metadata[c.name]).cast(c.type).alias(c.name)
    if c.name in envelope:
        return envelopes.envelope_column(envelope[c.name], c)
    if NESTED.match(c.type):
        typed = F.col("nested").getField(c.name)
    else:
        fast = field("fast", c)
        typed = fast.cast(c.type) if c.type in TEXT_TYPES else fast
    return F.coalesce(typed, F.col("late").getField(c.name)).alias(c.name)


def _field(way: str, column: ContractColumn) -> Column:
    return F.col(way).getField(column.source_name)
