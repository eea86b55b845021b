"""JSON messages as typed rows, with what is wrong with each.

Nearly all messages are typed by the parser and sound. Only the others are read once more as text, as files are: to ask which field is the
matter, and whether a number in quotes will do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from glue_jobs.contract.align import RAW, TIME_PATTERNS
from glue_jobs.sources.columns import CORRUPT
from glue_jobs.streaming import envelopes
from glue_jobs.streaming.message_metadata import enveloped, is_cdc, places
from glue_jobs.streaming.messages import CARRIED, MESSAGE, REJECT, raw_of, reject_of, text_of
from lakehouse.contracts import Contract
from lakehouse.contracts.contract import Column as ContractColumn

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# Null for a sound message. Else what was sent for each column, as text; the message, where it is not JSON; a reason of its own.
WRONG = "_wrong"
_BROKEN = "_corrupt_record"
# What JSON itself does not allow is a broken message, not a dialect.
_STRICT = {"allowSingleQuotes": "false", "allowNonNumericNumbers": "false", "maxStringLen": "1000000000"}
TEXT = ("string", "date", "timestamp")
_NESTED = ("array", "map", "struct")


def json_rows(messages: DataFrame, contract: Contract, most_bytes: int) -> DataFrame:
    """The contract's columns, `_partition`, `_offset`, and `_wrong`. Keys are case-sensitive; a nested value is its text unless its column is nested."""
    from pyspark.sql import functions as F

    place, given = places(contract), enveloped(contract)
    fields = [c for c in contract.columns if c.name not in place and c.name not in given]
    cdc, value = is_cdc(contract), F.col("value")
    read = envelopes.field if cdc else _field
    rows = _late(_both_ways(messages, fields, most_bytes, cdc), fields, read)
    reject = (
        F.coalesce(reject_of(value, most_bytes), envelopes.reject()) if cdc else reject_of(value, most_bytes)
    )
    lost = F.when(F.col("slow").isNull() & ~F.col("ok"), raw_of(value, most_bytes))
    sent = F.struct(*[read("slow", c).alias(c.name) for c in fields])
    wrong = F.struct(sent.alias("sent"), lost.alias("corrupt"), reject.alias("reject"))
    suspect = (~F.col("ok") | envelopes.reject().isNotNull()) if cdc else ~F.col("ok")
    return rows.select(
        *[_column(c, place, given, read) for c in contract.columns],
        *[F.col(name.removeprefix("_")).alias(name) for name in CARRIED],
        F.when(suspect, wrong).alias(WRONG),
    )


def opened(rows: DataFrame, contract: Contract) -> DataFrame:
    """`_wrong` as the columns that the rules and the error lane know: `_raw_<name>`, `_corrupt`, `_reject`."""
    from pyspark.sql import functions as F

    place, given = places(contract), enveloped(contract)
    sent = [
        c.name for c in contract.columns if c.name not in place and c.name not in given and c.type != "string"
    ]
    raw = [F.col(WRONG).getField("sent").getField(n).alias(RAW + n) for n in sent]
    other = [F.col(WRONG).getField(n).alias(name) for n, name in (("corrupt", CORRUPT), ("reject", REJECT))]
    return rows.select(*contract.column_names, *CARRIED, *raw, *other)


def is_wrong(contract: Contract) -> Column:
    """Beyond the rules: not JSON, refused, or a value that is not of its type."""
    from pyspark.sql import functions as F

    wrong = F.col(WRONG)
    found = wrong.getField("corrupt").isNotNull() | wrong.getField("reject").isNotNull()
    place, given = places(contract), enveloped(contract)
    for c in contract.columns:
        if c.name not in place and c.name not in given and c.type != "string":
            found = found | (
                F.col(f"`{c.name}`").isNull() & wrong.getField("sent").getField(c.name).isNotNull()
            )
    return wrong.isNotNull() & found


def _both_ways(messages: DataFrame, fields: list[ContractColumn], most_bytes: int, cdc: bool) -> DataFrame:
    """`fast`: a sound message, typed; `ok`: it is one; `slow`: another one, as text, unless it is not JSON at all."""
    from pyspark.sql import functions as F

    typed = struct_of(fields, lambda c: "string" if c.type in TEXT else c.type)
    loose = struct_of(fields, lambda _: "string")
    if cdc:
        typed, loose = envelopes.shape(typed, "bigint"), envelopes.shape(loose, "string")
    value = F.col("value")
    text = text_of(value, most_bytes)
    sound = F.col("fast").isNotNull() & broken("fast").isNull() & (is_flat(value) | is_one(text))
    read = envelopes.field if cdc else _field
    for time in (c for c in fields if c.type in TIME_PATTERNS):
        sent = read("fast", time)
        sound = sound & (
            sent.isNull() | (sent.rlike(TIME_PATTERNS[time.type]) & sent.cast(time.type).isNotNull())
        )
    slow = F.from_json(F.concat(F.lit("["), text, F.lit("]")), f"array<struct<{loose}>>", _STRICT)[0]
    once = messages.select(*MESSAGE, parsed(text, typed).alias("fast"))
    judged = once.select("*", F.coalesce(sound, F.lit(False)).alias("ok"))
    kept = F.when(F.col("ok"), F.col("fast")).alias("fast")
    return judged.select(*MESSAGE, "ok", kept, F.when(~F.col("ok") & is_one(text), slow).alias("slow"))


def _late(
    rows: DataFrame, fields: list[ContractColumn], read: Callable[[str, ContractColumn], Column]
) -> DataFrame:
    """`late`: what the text of a message comes to as types; null for one that went the fast way."""
    from pyspark.sql import functions as F

    texts = rows.select(
        "*",
        F.when(F.col("slow").isNotNull(), F.struct(*[read("slow", c).alias(c.name) for c in fields])).alias(
            "text"
        ),
    )
    return texts.select(
        "*",
        F.when(F.col("text").isNotNull(), F.struct(*[_typed(c).alias(c.name) for c in fields])).alias("late"),
    ).drop("text")


def _typed(column: ContractColumn) -> Column:
    from pyspark.sql import functions as F

    text = F.col("text").getField(column.name)
    if column.type.startswith(_NESTED):
        return F.from_json(text, column.type, _STRICT)
    cast = F.expr(f"try_cast(text.`{column.name}` as {column.type})")
    return F.when(text.rlike(TIME_PATTERNS[column.type]), cast) if column.type in TIME_PATTERNS else cast


def _column(
    c: ContractColumn,
    place: dict[str, str],
    given: dict[str, str],
    read: Callable[[str, ContractColumn], Column],
) -> Column:
    from pyspark.sql import functions as F

    if c.name in place:
        return F.col(place[c.name]).cast(c.type).alias(c.name)
    if c.name in given:
        return envelopes.said(given[c.name], c)
    fast = read("fast", c)
    return F.coalesce(
        fast.cast(c.type) if c.type in TIME_PATTERNS else fast, F.col("late").getField(c.name)
    ).alias(c.name)


def _field(way: str, column: ContractColumn) -> Column:
    from pyspark.sql import functions as F

    return F.col(way).getField(column.source_name)


def parsed(text: Column, shape: str) -> Column:
    """Text as a struct of `shape`; `broken` is not null where it is not JSON, or a value is not of its type."""
    from pyspark.sql import functions as F

    return F.from_json(
        text, f"struct<{shape}, {_BROKEN}: string>", {**_STRICT, "columnNameOfCorruptRecord": _BROKEN}
    )


def broken(column: str) -> Column:
    from pyspark.sql import functions as F

    return F.col(f"{column}.{_BROKEN}")


def is_flat(value: Column) -> Column:
    """Its only } is its last byte: then the object that was read is all of it."""
    from pyspark.sql import functions as F

    but_last = F.expr("substring(value, 1, octet_length(value) - 1)").cast("string")
    return (F.substring(value, -1, 1).cast("string") == "}") & ~F.contains(but_last, F.lit("}"))


def is_one(text: Column) -> Column:
    """One JSON object and nothing after it. The parser stops at the end of a value: only one that both ] and } may follow is whole."""
    from pyspark.sql import functions as F

    alone = F.json_array_length(F.concat(F.lit("["), text, F.lit("]"))) == 1
    named = F.size(F.json_object_keys(F.concat(F.lit('{"v":'), text, F.lit("}")))) == 1
    return F.coalesce(F.startswith(F.ltrim(text), F.lit("{")) & alone & named, F.lit(False))


def struct_of(fields: list[ContractColumn], kind: Callable[[ContractColumn], str]) -> str:
    return ", ".join(f"`{c.source_name.replace('`', '``')}`: {kind(c)}" for c in fields)
