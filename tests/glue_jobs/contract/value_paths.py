"""The ways in which a value comes into a table: JSON and CSV, each from files and from a stream."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.contract import align_to_schema
from glue_jobs.contract.validate import INVALID, POSITION
from glue_jobs.sources import json_text, text
from glue_jobs.sources.columns import match_columns
from glue_jobs.streaming.csv_rows import rows_of_csv
from glue_jobs.streaming.fast_json import NEEDS_REPARSE, fast_json_parser
from glue_jobs.streaming.json_rows import rows_of_json
from glue_jobs.streaming.row_validation import validate, with_reasons, with_validity
from lakehouse.contracts import Contract

Way = Callable[[SparkSession, Contract, list[str]], DataFrame]
MAX_BYTES = 1_000_000
_LINE = "line string, position string, utf8 boolean"
_MESSAGE = "topic string, partition int, offset bigint, timestamp timestamp, value binary"


def csv_file(spark: SparkSession, contract: Contract, lines: list[str]) -> DataFrame:
    """n, the contract's columns, and `why`: null for a valid row."""
    names = contract.column_names
    mapping = match_columns(contract, names, "the file")
    return _judged(text.parse_csv(_lines(spark, lines), contract, names, mapping), contract, POSITION)


def csv_stream(spark: SparkSession, contract: Contract, lines: list[str]) -> DataFrame:
    """As `csv_file`."""
    return _judged(rows_of_csv(_messages(spark, lines), contract, MAX_BYTES), contract, "_offset")


def json_file(spark: SparkSession, contract: Contract, lines: list[str]) -> DataFrame:
    """As `csv_file`."""
    mapping = match_columns(contract, contract.column_names, "the file")
    return _judged(json_text.parse_json(_lines(spark, lines), contract, mapping), contract, POSITION)


def json_stream(spark: SparkSession, contract: Contract, lines: list[str]) -> DataFrame:
    """As `csv_file`."""
    # In memory, as the marked messages of a micro-batch are.
    rows = with_validity(rows_of_json(_messages(spark, lines), contract, MAX_BYTES), contract).persist()
    reasoned = with_reasons(rows, contract)
    valid = rows.where(~F.col(INVALID)).select(*_shown(contract, "_offset", F.lit(None)))
    return valid.union(reasoned.rows.select(*_shown(contract, "_offset", reasoned.reasons)))


def json_append(spark: SparkSession, contract: Contract, lines: list[str]) -> DataFrame:
    """As `csv_file`, by the quick way of messages that are only appended; `why` says nothing more."""
    rows = fast_json_parser(contract, MAX_BYTES)(_messages(spark, lines))
    marked = F.when(F.col(NEEDS_REPARSE).isNotNull(), F.array(F.lit("marked")))
    return rows.select(*_shown(contract, "_offset", marked))


def _judged(rows: DataFrame, contract: Contract, position: str) -> DataFrame:
    checked = validate(align_to_schema(rows, contract, text=True), contract)
    return checked.rows.select(
        *_shown(contract, position, F.when(checked.is_invalid, checked.reasons).cast("array<string>"))
    )


def _shown(contract: Contract, position: str, why: Column) -> list[Column]:
    # A collected time would be in the time zone of this process.
    values = [
        (F.unix_micros(c.name) if c.type == "timestamp" else F.col(c.name)).alias(c.name)
        for c in contract.columns
    ]
    return [F.col(position).cast("int").alias("n"), *values, why.cast("array<string>").alias("why")]


def _lines(spark: SparkSession, lines: list[str]) -> DataFrame:
    return spark.createDataFrame([(line, str(n), True) for n, line in enumerate(lines)], _LINE)


def _messages(spark: SparkSession, lines: list[str]) -> DataFrame:
    sent = datetime(2017, 1, 31, tzinfo=UTC)
    rows: list[Any] = [("t", 0, n, sent, line.encode()) for n, line in enumerate(lines)]
    return spark.createDataFrame(rows, _MESSAGE)
