"""Parses JSON text with Spark, and decides whether a text is exactly one JSON object."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pyspark.sql import Column
from pyspark.sql import functions as F

from glue_jobs.contract.nested import LONG_NUMBER
from glue_jobs.contract.texts import NESTED
from glue_jobs.sources import json_text
from lakehouse.contracts.contract import Column as ContractColumn

CORRUPT_RECORD = "_corrupt_record"
# What JSON itself does not allow is a broken message, not a dialect.
STRICT = json_text.OPTIONS
# Types whose values the parser gives as text; they are parsed and checked after it.
TEXT_TYPES = ("string", "binary", "date", "timestamp")


def struct_fields(fields: Iterable[ContractColumn], type_of: Callable[[ContractColumn], str]) -> str:
    """The inside of a struct type: the fields under the names that the source gives them."""
    return ", ".join(f"`{c.source_name.replace('`', '``')}`: {type_of(c)}" for c in fields)


def parsed_type(column: ContractColumn) -> str:
    """The type in which the parser gives a field."""
    return "string" if column.type in TEXT_TYPES or NESTED.match(column.type) else column.type


def parse_json(text: Column, fields: str) -> Column:
    """Text as a struct of `fields`; its `corrupt_record` is the text where that, or a value, does not fit."""
    options = {**STRICT, "columnNameOfCorruptRecord": CORRUPT_RECORD}
    return F.from_json(text, f"struct<{fields}, {CORRUPT_RECORD}: string>", options)


def corrupt_record(column: str) -> Column:
    """The text of a parsed column that did not fit; null for one that did."""
    return F.col(f"{column}.{CORRUPT_RECORD}")


def respelled_message(fields: list[ContractColumn]) -> Column:
    """Whether a message has a field in another case: of the columns `value` and `fast`."""
    values = {c.source_name: F.col("fast").getField(c.source_name) for c in fields}
    return json_text.has_respelled_key(F.col("value").cast("string"), values, len(fields))


def is_flat_object(value: Column) -> Column:
    """Whether the only } of the column `value` is its last byte: then nothing follows the parsed object."""
    but_last = F.expr("substring(value, 1, octet_length(value) - 1)").cast("string")
    return (F.substring(value, -1, 1).cast("string") == "}") & ~F.contains(but_last, F.lit("}"))


def is_single_object(text: Column) -> Column:
    """Whether a text is one JSON object and nothing after it.

    The parser stops at the end of a value: only a value that both ] and } may follow is whole.
    """
    array, holder = F.concat(F.lit("["), text, F.lit("]")), F.concat(F.lit('{"v":'), text, F.lit("}"))
    whole = (F.json_array_length(array) == 1) & (F.size(F.json_object_keys(holder)) == 1)
    parsed = F.from_json(array, "array<string>", STRICT)
    of_long_numbers = (F.size(parsed) == 1) & (F.size(json_text.entries_of(holder)) == 1)
    single = F.coalesce(whole, F.lit(False)) | (text.rlike(LONG_NUMBER) & of_long_numbers)
    return F.coalesce(text.rlike(r"^[ \t\r\n]*+\{") & single, F.lit(False))


def fields_in_any_case(text: Column, fields: list[ContractColumn]) -> Column:
    """The texts of the fields, whatever their case; null for a message with a field in two spellings."""
    entries = json_text.entries_of(text)
    values = [json_text.value_in_any_case(entries, c.source_name).alias(c.source_name) for c in fields]
    return F.when(~json_text.spelled_twice(entries, [c.source_name for c in fields]), F.struct(*values))
