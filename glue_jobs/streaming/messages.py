"""Checks a message before its format matters: whether it has a value, how long it is, whether it is text."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract.forgotten import is_forgotten

REJECT = "_reject"
NO_VALUE = "message: a tombstone, it has no value"
# The columns of Kafka's source that a stream reads.
READ_COLUMNS = ("topic", "partition", "offset", "timestamp", "value")
# Where a parsed message came from, under names that no contract has.
OFFSET_COLUMNS = ("_partition", "_offset")
# Whether a message says only that its key was deleted: what follows a deletion in a topic of changes.
TOMBSTONE = "_tombstone"
# Characters shown of a message that is too long; its position says where the rest is.
MAX_RAW_CHARS = 1000


def text_of(value: Column, max_bytes: int) -> Column:
    """A message as text; null when it has no value, is longer than `max_bytes`, or is not UTF-8."""
    text = value.cast("string")
    # Spark takes bytes for text as they are; only decoding replaces what is not UTF-8.
    return F.when((F.octet_length(value) <= max_bytes) & (F.decode(value, "UTF-8") == text), text)


def reject_reason(value: Column, max_bytes: int) -> Column:
    """Why a message is rejected before it is parsed; null for one that is parsed."""
    size = F.octet_length(value)
    too_long = F.concat(F.lit("message: "), size.cast("string"), F.lit(f" bytes, longer than {max_bytes}"))
    return F.when(value.isNull(), F.lit(NO_VALUE)).when(size > max_bytes, too_long)


def is_passed_over(rows: DataFrame) -> Column:
    """Whether nothing is taken of a row, though it is valid: of a forgotten person, or a tombstone."""
    tombstone = F.col(TOMBSTONE) if TOMBSTONE in rows.columns else F.lit(False)
    return is_forgotten(rows) | tombstone


def raw_text(value: Column, max_bytes: int) -> Column:
    """What the quarantine shows of a message that cannot be read."""
    beginning = F.decode(F.substring(value, 1, MAX_RAW_CHARS), "UTF-8")
    whole = F.decode(value, "UTF-8")
    return F.coalesce(F.when(F.octet_length(value) > max_bytes, beginning).otherwise(whole), F.lit(""))
