"""Messages as the contract's typed rows, with what is wrong with a message beside them.

Every message is one row: the contract's columns, `_raw_<name>` (the text of a value that is not of its type), `_corrupt` (the message,
where it is not of its format), `_reject` (a reason that is no rule of the contract), and `_topic`, `_partition`, `_offset`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas import Contract

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

REJECT = "_reject"
# What every parsed message carries of its place, under names that no contract has.
CARRIED = ("_topic", "_partition", "_offset")
# Characters shown of a message that is longer than allowed; its place says where the rest is.
MOST_RAW = 1000


def typed_rows(messages: DataFrame, contract: Contract, most_bytes: int) -> DataFrame:
    """`messages`: value, topic, partition, offset and timestamp, as Spark's Kafka source gives them."""
    from glue_jobs.contract import align_to_schema
    from glue_jobs.streams.csv_rows import csv_rows
    from glue_jobs.streams.json_rows import json_rows

    assert contract.lake.source
    read = csv_rows if contract.lake.source.format == "csv" else json_rows
    return align_to_schema(read(messages, contract, most_bytes), contract, text=True)


def text_of(value: Column, most_bytes: int) -> Column:
    """A message as text; null when it is none, is too long, or is not UTF-8."""
    from pyspark.sql import functions as F

    text = value.cast("string")
    # Spark takes bytes for text as they are; only decoding replaces what is not UTF-8.
    return F.when((F.octet_length(value) <= most_bytes) & (F.decode(value, "UTF-8") == text), text)


def reject_of(value: Column, most_bytes: int) -> Column:
    """Why a message is not even looked at."""
    from pyspark.sql import functions as F

    size = F.octet_length(value)
    long = F.concat(F.lit("message: "), size.cast("string"), F.lit(f" bytes, longer than {most_bytes}"))
    return F.when(value.isNull(), F.lit("message: a tombstone, it has no value")).when(size > most_bytes, long)


def raw_of(value: Column, most_bytes: int) -> Column:
    """What the error lane shows of a message that cannot be read."""
    from pyspark.sql import functions as F

    begin = F.decode(F.substring(value, 1, MOST_RAW), "UTF-8")
    return F.coalesce(F.when(F.octet_length(value) > most_bytes, begin).otherwise(F.decode(value, "UTF-8")), F.lit(""))


def position() -> Column:
    """topic-partition@offset."""
    from pyspark.sql import functions as F

    return F.concat("_topic", F.lit("-"), "_partition", F.lit("@"), "_offset")
