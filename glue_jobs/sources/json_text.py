"""Parses lines of JSON into rows of strings under the contract's names; broken lines become `_corrupt`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from glue_jobs.contract.align import RAW
from glue_jobs.contract.nested import LONG_NUMBER
from glue_jobs.sources import json_tokens
from glue_jobs.sources.columns import CORRUPT, POSITION, ColumnMapping
from lakehouse.contracts import Contract
from lakehouse.contracts.contract import Column as ContractColumn
from lakehouse.contracts.spelling import folded, lower_forms

# A line that JSON itself does not allow is broken; the platform accepts no dialect.
OPTIONS = {
    "allowSingleQuotes": "false",
    "allowNonNumericNumbers": "false",
    "maxStringLen": "1000000000",
    # Java needs a tenth of a second for a number of so many digits.
    "maxNumLen": "100000",
}
_ENTRIES = "map<string,string>"


def parse_json(
    lines: DataFrame, contract: Contract, mapping: ColumnMapping, usual_keys: int = 0
) -> DataFrame:
    """One JSON object per line, in columns line, position, utf8.

    Values come as their text, with every digit that was sent; absent keys as null. A number, true or false
    for a column of texts comes as `_raw_<name>` beside a null. A key in another case is the contract's
    column; an object that has a column in two spellings is corrupt, and so is one with half a surrogate pair.
    Of a key that stands twice the last value counts, as for every parser of JSON here. `usual_keys`: how many
    keys most lines have; it only makes parsing faster.
    """
    keys = {column.name: mapping.source_of(column) for column in contract.columns}
    schema = ArrayType(StructType([StructField(key, StringType()) for key in dict.fromkeys(keys.values())]))
    value, exact, line = F.col("value"), F.col("exact"), F.col("line")
    fields = {key: value.getField(key) for key in keys.values()}
    respelled, marked = F.col("respelled"), json_tokens.with_marked_scalars(line)
    entries = F.when(value.isNotNull() & respelled, entries_of(marked))
    again = F.from_json(_as_element(marked), schema, OPTIONS)[0]
    twice = F.when(F.col("entries").isNotNull(), spelled_twice(F.col("entries"), keys.values()))
    rows = (
        _parsed_lines(lines, schema)
        .select("*", has_respelled_key(line, fields, usual_keys).alias("respelled"))
        .select("*", (~respelled & json_tokens.is_exact_as_text(line, contract.columns, keys)).alias("exact"))
        .select("*", entries.alias("entries"))
        .withColumn("value", F.when(exact | value.isNull(), value).otherwise(again))
        .select("*", twice.alias("twice"))
        .select("*", F.struct(*[_respelled(key).alias(name) for name, key in keys.items()]).alias("texts"))
    )
    unreadable = value.isNull() | F.coalesce("twice", F.lit(False))
    return rows.select(
        *[_value(column).alias(column.name) for column in contract.columns],
        *[_other(column.name) for column in contract.columns if json_tokens.is_text(column)],
        F.col("position").alias(POSITION),
        F.when(unreadable, line).alias(CORRUPT),
    )


def _parsed_lines(lines: DataFrame, schema: ArrayType) -> DataFrame:
    """Columns line, position, utf8, and `value`: null for a line that is not one JSON object."""
    line = F.col("line")
    parsed = lines.select(
        "line", "position", "utf8", F.from_json(_as_element(line), schema, OPTIONS).alias("parsed")
    )
    single = (F.size("parsed") == 1) & F.col("parsed")[0].isNotNull() & nothing_follows(line)
    readable = F.col("utf8") & F.coalesce(single, F.lit(False)) & ~json_tokens.has_broken_escape(line)
    return parsed.select("line", "position", F.when(readable, F.col("parsed")[0]).alias("value"))


def _as_element(text: Column) -> Column:
    """The text as the only element of an array, so that a second object makes the line invalid."""
    return F.concat(F.lit("["), text, F.lit("]"))


def nothing_follows(text: Column) -> Column:
    """Whether a text that is valid as the only element of an array ends with that element.

    Spark's parser stops at the end of the array, and reads nothing that the text has after a ] of its own. A
    value that both ] and } may follow is whole; so is an object that has no other } than its last one, and no
    array: what is no JSON inside of one, the parser gives as a null in place of the array.
    """
    trimmed = F.rtrim(text)
    flat = (F.instr(trimmed, "}") == F.length(trimmed)) & ~F.contains(trimmed, F.lit("["))
    in_object = entries_of(F.concat(F.lit('{"v":'), text, F.lit("}")))
    return flat | F.coalesce(F.size(in_object) == 1, F.lit(False))


def distinct_keys(lines: DataFrame) -> tuple[list[str], int]:
    """(every key of every line that is a JSON object, the number of such lines), in one pass."""
    of_long_numbers = F.when(F.col("line").rlike(LONG_NUMBER), F.map_keys(entries_of(F.col("line"))))
    keys = F.coalesce(F.json_object_keys("line"), of_long_numbers)
    objects = lines.select(keys.alias("keys")).where("keys is not null and utf8")
    row = objects.agg(F.array_sort(F.array_distinct(F.flatten(F.collect_set("keys")))), F.count("*")).first()
    return (list(row[0] or ()), int(row[1])) if row else ([], 0)


def _folds(keys: Collection[str]) -> bool:
    """Whether no two of the keys are spellings of one: then a key in another spelling is one of them."""
    return len({folded(key) for key in keys}) == len(set(keys))


def has_respelled_key(text: Column, fields: Mapping[str, Column], usual_keys: int) -> Column:
    """Whether a JSON object has a key that is one of `fields`, but for its spelling.

    `fields`: keys with their values, null where the object lacks the key. The pattern is asked only of an
    object that lacks a key, or that has more or fewer than are usual.
    """
    if not _folds(fields):
        return F.lit(False)
    colons = F.octet_length(text) - F.octet_length(F.replace(text, F.lit('":'), F.lit("")))
    unusual = (colons != 2 * usual_keys) | F.contains(text, F.lit('" :'))
    for key, value in fields.items():
        unusual = unusual | (value.isNull() & ~F.contains(text, F.lit(f'"{key}":')))
    return unusual & text.rlike(respelled_key(fields))


def respelled_key(names: Collection[str]) -> str:
    """Java's pattern of a key of JSON that is one of the names in another spelling, and its colon."""
    exact, any_form = "|".join(map(re.escape, names)), [form for name in names for form in lower_forms(name)]
    return rf'"(?!(?:{exact})")(?iu:{"|".join(map(re.escape, any_form))})"\s*:'


def entries_of(text: Column) -> Column:
    """Every key of a JSON object with the text of its value; null for any other text."""
    return F.from_json(text, _ENTRIES, OPTIONS)


def spelled_twice(entries: Column, keys: Collection[str]) -> Column:
    """Whether an object has one of the keys in two spellings."""
    lower = F.transform(F.array_distinct(F.map_keys(entries)), F.lower)
    forms = [lower_forms(name) for name in keys]
    contract_keys = F.filter(lower, lambda key: key.isin([form for of_key in forms for form in of_key]))
    twice = F.size(contract_keys) > F.size(F.array_distinct(contract_keys))
    for of_key in (f for f in forms if len(f) > 1):
        twice = twice | (F.size(F.array_intersect(contract_keys, F.array(*map(F.lit, of_key)))) > 1)
    return twice


def value_in_any_case(entries: Column, key: str) -> Column:
    """The last value of a key in whatever spelling; null for none."""
    forms = lower_forms(key)
    same = F.filter(F.map_entries(entries), lambda entry: F.lower(entry["key"]).isin(*forms))
    return F.element_at(same, -1)["value"]


def _value(column: ContractColumn) -> Column:
    name = f"texts.`{column.name}`"
    text = json_tokens.text_sent(name) if json_tokens.is_text(column) else json_tokens.sent(name, column.type)
    return F.when(F.col("exact"), F.expr(name)).otherwise(F.expr(text))


def _other(name: str) -> Column:
    scalar = F.expr(json_tokens.scalar_sent(f"texts.`{name}`"))
    return F.when(~F.col("exact"), scalar).alias(RAW + name)


def _respelled(key: str) -> Column:
    respelled = F.when(~F.col("twice"), value_in_any_case(F.col("entries"), key))
    return F.when(F.col("entries").isNull(), F.col("value").getField(key)).otherwise(respelled)
