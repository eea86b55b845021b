"""Parses JSON messages that are appended as they come, at nearly the price of typing them.

A message that is not plainly valid is only marked, and kept whole. Whoever appends the others reads the
marked ones again with `rows_of_json`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pyspark.sql import Column
from pyspark.sql import functions as F

from glue_jobs.contract import FlaggedRows, validate_and_quarantine
from glue_jobs.contract.texts import NESTED, TIME_PATTERNS, typed_text
from glue_jobs.contract.validate import INVALID
from glue_jobs.errors import RunError
from glue_jobs.sources.json_tokens import is_typed_exactly
from glue_jobs.streaming.fast_time import has_usual_shape, parse_time
from glue_jobs.streaming.json_parser import (
    corrupt_record,
    is_flat_object,
    is_single_object,
    parse_json,
    parsed_type,
    respelled_message,
    struct_fields,
)
from glue_jobs.streaming.message_metadata import kafka_columns
from glue_jobs.streaming.messages import OFFSET_COLUMNS, READ_COLUMNS, text_of
from lakehouse.contracts import Contract
from lakehouse.contracts.contract import Column as ContractColumn

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# Null for a valid message; else a struct of its value, which may be null itself.
NEEDS_REPARSE = "_doubt"
# No column of a contract has a name that begins so.
_TYPED, _MESSAGE, _VALID = "_typed_", "_message", "_sound"


def fast_json_parser(contract: Contract, max_bytes: int) -> Callable[[DataFrame], DataFrame]:
    """A function from messages to the contract's columns, `_partition`, `_offset`, and NEEDS_REPARSE.

    Its expressions are built once, not for every micro-batch.
    """
    metadata = kafka_columns(contract)
    fields = [c for c in contract.columns if c.name not in metadata]
    times = [c for c in fields if c.type in TIME_PATTERNS]
    nested = [c for c in fields if NESTED.match(c.type)]
    value = F.col("value")
    text = text_of(value, max_bytes)
    exact = F.when(is_typed_exactly(text, fields), text)
    fast = parse_json(exact, struct_fields(fields, parsed_type))
    whole = is_flat_object(value) | is_single_object(text)
    parsed: list[Column | str] = [*READ_COLUMNS, fast.alias("fast"), whole.alias("whole")]
    timed = [parse_time(F.col("fast").getField(c.source_name), c.type).alias(_TYPED + c.name) for c in times]
    timed += [F.expr(typed_text(f"fast.`{c.source_name}`", c.type)).alias(_TYPED + c.name) for c in nested]
    columns = [
        *[_column(c, metadata) for c in contract.columns],
        *[F.col(name.removeprefix("_")).alias(name) for name in OFFSET_COLUMNS],
        value.alias(_MESSAGE),
        F.coalesce(_is_valid(times, nested) & ~respelled_message(fields), F.lit(False)).alias(_VALID),
    ]
    message = F.struct(F.col(_MESSAGE).alias("value"))
    needs_reparse = F.when(~F.col(_VALID) | F.col(INVALID), message).alias(NEEDS_REPARSE)

    def parse(messages: DataFrame) -> DataFrame:
        rows = messages.select(*parsed).select("*", *timed).select(*columns)
        flagged = validate_and_quarantine(rows, contract).rows
        return flagged.select(*contract.column_names, *OFFSET_COLUMNS, needs_reparse)

    return parse


def rows_to_reparse(rows: DataFrame, contract: Contract, topic: str) -> DataFrame:
    """The marked messages of a micro-batch, in the columns of Kafka's source."""
    timestamp = next((name for name, part in kafka_columns(contract).items() if part == "timestamp"), None)
    at = F.col(f"`{timestamp}`") if timestamp else F.lit(None).cast("timestamp")
    return rows.where(F.col(NEEDS_REPARSE).isNotNull()).select(
        F.col(NEEDS_REPARSE).getField("value").alias("value"),
        F.lit(topic).alias("topic"),
        F.col("_partition").alias("partition"),
        F.col("_offset").alias("offset"),
        at.cast("timestamp").alias("timestamp"),
    )


def flagged_rows(rows: DataFrame) -> FlaggedRows:
    """Rows that carry their own flag: NEEDS_REPARSE, or else the flag of the contract's rules.

    The reasons are asked of the query's plan, when there are invalid rows.
    """
    marked = NEEDS_REPARSE in rows.columns
    return FlaggedRows(rows, F.col(NEEDS_REPARSE).isNotNull() if marked else F.col(INVALID))


def assert_all_reparsed(contract: Contract, marked: int, reparsed: int) -> None:
    """Raises RunError (RUN203) when fewer or more messages were read again than had been marked."""
    if marked != reparsed:
        raise RunError(
            f"{contract.table}: {marked} messages were marked and {reparsed} found again: "
            "the topic changed between two readings; start this run again",
            code="RUN203",
        )


def _is_valid(times: list[ContractColumn], nested: list[ContractColumn]) -> Column:
    """Whether a message is one object that was typed whole, with times of the usual shape."""
    valid = F.col("fast").isNotNull() & corrupt_record("fast").isNull()
    for c in times:
        sent = F.col("fast").getField(c.source_name)
        is_time = F.col(f"`{_TYPED}{c.name}`").isNotNull() & has_usual_shape(sent, c.type)
        valid = valid & (sent.isNull() | is_time)
    for c in nested:
        typed = F.col(f"`{_TYPED}{c.name}`").isNotNull()
        valid = valid & (F.col("fast").getField(c.source_name).isNull() | typed)
    return valid & F.col("whole")


def _column(c: ContractColumn, metadata: dict[str, str]) -> Column:
    if c.name in metadata:
        return F.col(metadata[c.name]).cast(c.type).alias(c.name)
    if c.type in TIME_PATTERNS or NESTED.match(c.type):
        return F.col(f"`{_TYPED}{c.name}`").alias(c.name)
    field = F.col("fast").getField(c.source_name)
    return (field.cast(c.type) if c.type == "binary" else field).alias(c.name)
