"""What of a message is looked at before its format is: whether it is there, how long it is, whether it is text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column

REJECT = "_reject"
# What of a message is read, by the names that Spark's source gives.
MESSAGE = ("topic", "partition", "offset", "timestamp", "value")
# What every parsed message carries of its place, under names that no contract has.
CARRIED = ("_partition", "_offset")
# Characters shown of a message that is longer than allowed; its place says where the rest is.
MOST_RAW = 1000


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
    return F.when(value.isNull(), F.lit("message: a tombstone, it has no value")).when(
        size > most_bytes, long
    )


def raw_of(value: Column, most_bytes: int) -> Column:
    """What the error lane shows of a message that cannot be read."""
    from pyspark.sql import functions as F

    begin = F.decode(F.substring(value, 1, MOST_RAW), "UTF-8")
    return F.coalesce(
        F.when(F.octet_length(value) > most_bytes, begin).otherwise(F.decode(value, "UTF-8")), F.lit("")
    )
