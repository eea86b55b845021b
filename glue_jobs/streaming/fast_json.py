"""JSON messages that are appended as they come: typed and checked at nearly the price of typing them.

A message that is not plainly sound is only marked, and kept whole; who appends the others reads the marked ones once more, by `json_rows`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from glue_jobs.contract import FlaggedRows, validate_and_quarantine
from glue_jobs.contract.align import TIME_PATTERNS
from glue_jobs.contract.validate import INVALID
from glue_jobs.errors import RunError
from glue_jobs.streaming.json_rows import TEXT, broken, is_flat, is_one, parsed, struct_of
from glue_jobs.streaming.message_metadata import places
from glue_jobs.streaming.messages import CARRIED, MESSAGE, text_of
from lakehouse.contracts import Contract
from lakehouse.contracts.contract import Column as ContractColumn

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# Null for a sound message; else a struct of its value, which may be null itself.
DOUBT = "_doubt"
# The contract may have columns of any name that does not begin so.
_TYPED, _MESSAGE = "_typed_", "_message"
# 2017-01-31T10:00:00Z, with a fraction or without: told by its punctuation, in a fraction of the time of its regular expression.
_PUNCTUATION = {5: (b"-",), 11: (b"T",), 17: (b":",), 20: (b"Z", b".")}
_SHORTEST, _LONGEST = 20, 27


def quick_rows(contract: Contract, most_bytes: int) -> Callable[[DataFrame], DataFrame]:
    """What makes rows of messages: the contract's columns, `_partition`, `_offset`, and `_doubt`. Its expressions are made once, not for every batch."""
    from pyspark.sql import functions as F

    place = places(contract)
    fields = [c for c in contract.columns if c.name not in place]
    times = [c for c in fields if c.type in TIME_PATTERNS]
    value = F.col("value")
    text = text_of(value, most_bytes)
    fast = parsed(text, struct_of(fields, lambda c: "string" if c.type in TEXT else c.type))
    read: list[Column | str] = [*MESSAGE, fast.alias("fast"), (is_flat(value) | is_one(text)).alias("whole")]
    timed = [_time(F.col("fast").getField(c.source_name), c.type).alias(_TYPED + c.name) for c in times]
    columns = [
        *[_column(c.name, c.type, c.source_name, place.get(c.name)) for c in contract.columns],
        *[F.col(name.removeprefix("_")).alias(name) for name in CARRIED],
        value.alias(_MESSAGE),
        F.coalesce(_sound(times), F.lit(False)).alias("_sound"),
    ]
    doubt = F.when(~F.col("_sound") | F.col(INVALID), F.struct(F.col(_MESSAGE).alias("value"))).alias(DOUBT)

    def rows_of(messages: DataFrame) -> DataFrame:
        rows = messages.select(*read).select("*", *timed).select(*columns)
        return validate_and_quarantine(rows, contract).rows.select(*contract.column_names, *CARRIED, doubt)

    return rows_of


def _sound(times: list[ContractColumn]) -> Column:
    """An object that was typed whole, with times of the usual shape."""
    from pyspark.sql import functions as F

    sound = F.col("fast").isNotNull() & broken("fast").isNull()
    for c in times:
        sent = F.col("fast").getField(c.source_name)
        sound = sound & (
            sent.isNull() | (F.col(f"`{_TYPED}{c.name}`").isNotNull() & _has_usual_shape(sent, c.type))
        )
    return sound & F.col("whole")


def doubtful(rows: DataFrame, contract: Contract, topic: str) -> DataFrame:
    """The marked messages of a micro-batch, as Kafka's source gave them."""
    from pyspark.sql import functions as F

    stamp = next((name for name, what in places(contract).items() if what == "timestamp"), None)
    at = F.col(f"`{stamp}`") if stamp else F.lit(None).cast("timestamp")
    return rows.where(F.col(DOUBT).isNotNull()).select(
        F.col(DOUBT).getField("value").alias("value"),
        F.lit(topic).alias("topic"),
        F.col("_partition").alias("partition"),
        F.col("_offset").alias("offset"),
        at.cast("timestamp").alias("timestamp"),
    )


def checked_by(rows: DataFrame, bad: str = INVALID) -> FlaggedRows:
    """Rows that carry their flag. The reasons are asked of the plan, when there are invalid rows."""
    from pyspark.sql import functions as F

    return FlaggedRows(rows, F.col(bad) if bad == INVALID else F.col(bad).isNotNull())


def all_found(contract: Contract, marked: int, found: int) -> None:
    """Raises RunError (RUN203) when fewer or more messages were read again than had been marked."""
    if marked != found:
        what = f"{contract.table}: {marked} messages were marked and {found} found again"
        raise RunError(f"{what}: the topic changed between two readings; start this run again", code="RUN203")


def _column(name: str, kind: str, source: str, place: str | None) -> Column:
    from pyspark.sql import functions as F

    if place:
        return F.col(place).cast(kind).alias(name)
    return (
        F.col(f"`{_TYPED}{name}`").alias(name)
        if kind in TIME_PATTERNS
        else F.col("fast").getField(source).alias(name)
    )


def _time(text: Column, kind: str) -> Column:
    """Of a text of the usual shape; of another it may be anything.

    Spark takes as long to understand a Z as to read all the rest, and without a zone it reads UTC, as the session's is.
    """
    return text.cast(kind) if kind == "date" else _but_last(text).cast(kind)


def _has_usual_shape(text: Column, kind: str) -> Column:
    from pyspark.sql import functions as F

    if kind == "date":
        return text.rlike(TIME_PATTERNS[kind])
    size, sent = F.octet_length(text), text.cast("binary")
    usual = (size >= _SHORTEST) & (size <= _LONGEST) & (F.substring(sent, -1, 1) == F.lit(b"Z"))
    for at, marks in _PUNCTUATION.items():
        # Of bytes the place is known; of text the characters before it would be counted.
        found = F.substring(sent, at, 1)
        usual = usual & (
            (found == F.lit(marks[0])) | (found == F.lit(marks[-1]))
            if len(marks) > 1
            else found == F.lit(marks[0])
        )
    # What stands before the Z must be no zone either: a digit at the end of the seconds, nothing but digits in the fraction.
    digit = F.substring(sent, -2, 1).between(F.lit(b"0"), F.lit(b"9"))
    fraction = F.concat(F.lit("1"), _but_last(text).substr(F.lit(_SHORTEST + 1), F.lit(_LONGEST)))
    return usual & digit & ((size == _SHORTEST) | fraction.cast("bigint").isNotNull())


def _but_last(text: Column) -> Column:
    from pyspark.sql import functions as F

    return text.substr(F.lit(1), F.octet_length(text) - 1)
