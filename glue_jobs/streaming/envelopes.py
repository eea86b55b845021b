"""Changes of a database as Debezium sends them: {"op": "c" | "u" | "d" | "r", "before": …, "after": …, "ts_ms": …}."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakehouse.contracts.contract import Column as ContractColumn

if TYPE_CHECKING:
    from pyspark.sql import Column

# Created, updated, deleted, and read by a snapshot.
OPS = ("c", "u", "d", "r")
_SIDES = ("before", "after")


def shape(row: str, millis: str) -> str:
    """The envelope of a row, as the inside of a struct."""
    return f"op: string, before: struct<{row}>, after: struct<{row}>, ts_ms: {millis}"


def field(way: str, column: ContractColumn) -> Column:
    """A deletion is the row as it was, anything else the row as it is now."""
    from pyspark.sql import functions as F

    before, after = (F.col(f"{way}.{side}").getField(column.source_name) for side in _SIDES)
    return F.when(F.col(f"{way}.op") == "d", before).otherwise(after)


def said(what: str, column: ContractColumn) -> Column:
    """op, ts_ms (milliseconds since 1970, or the time that they are), or whether the change is a deletion."""
    from pyspark.sql import functions as F

    if what == "deleted":
        return F.coalesce(_of("op") == "d", F.lit(False)).alias(column.name)
    if what == "op":
        return _of("op").alias(column.name)
    millis = _of("ts_ms").cast("bigint")
    return (F.timestamp_millis(millis) if column.type == "timestamp" else millis.cast(column.type)).alias(
        column.name
    )


def reject() -> Column:
    """Why an envelope is none: a reason of its own, so that nobody looks for it among the columns."""
    from pyspark.sql import functions as F

    op = _of("op")
    known = F.coalesce(op.isin(*OPS), F.lit(False))
    before, after = (F.col(f"fast.{side}").isNotNull() | F.col(f"slow.{side}").isNotNull() for side in _SIDES)
    unknown = F.concat(
        F.lit("cdc: op is "), F.coalesce(op, F.lit("missing")), F.lit(f", not one of {', '.join(OPS)}")
    )
    return (
        F.when(F.col("fast").isNull() & F.col("slow").isNull(), F.lit(None).cast("string"))
        .when(~known, unknown)
        .when((op == "d") & ~before, F.lit("cdc: a deletion without the row that was, 'before'"))
        .when((op != "d") & ~after, F.lit("cdc: a change without the row that is, 'after'"))
    )


def _of(what: str) -> Column:
    from pyspark.sql import functions as F

    return F.coalesce(F.col(f"fast.{what}").cast("string"), F.col(f"slow.{what}"))
