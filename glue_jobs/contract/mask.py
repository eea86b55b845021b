"""Masks personal data when rows leave bronze: only bronze holds it in readable form."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.contracts import Contract

_BLOCK = 64  # bytes in a block of SHA-256, the size that HMAC pads its key to


def masked(spark: SparkSession, rows: DataFrame, contract: Contract, key: str) -> DataFrame:
    """`rows` with each masked column replaced by the rule of its contract.

    hash: HMAC-SHA-256 in hex; partial: the last two characters; drop: the column is removed. The key travels
    as a one-row table and not as a literal: every plan and event log shows literals.
    """
    rules = {c.name: c.lake.mask for c in contract.columns if c.lake.mask and c.name in rows.columns}
    if not rules:
        return rows
    if "hash" in rules.values():
        rows = rows.crossJoin(
            F.broadcast(spark.createDataFrame([_padded_keys(key)], "_inner binary, _outer binary"))
        )
    columns = [
        _mask(name, rules.get(name)).alias(name)
        for name in rows.columns
        if rules.get(name) != "drop" and name not in ("_inner", "_outer")
    ]
    return rows.select(*columns)


def _mask(name: str, rule: str | None) -> Column:
    value = F.col(f"`{name}`")
    if rule == "hash":
        text = F.encode(F.lower(F.trim(value)), "utf-8")
        inner = F.unhex(F.sha2(F.concat(F.col("_inner"), text), 256))
        return F.sha2(F.concat(F.col("_outer"), inner), 256)
    if rule == "partial":
        return F.when(value.isNotNull(), F.concat(F.lit("***"), F.right(value, F.lit(2))))
    return value


def _padded_keys(key: str) -> tuple[bytes, bytes]:
    """HMAC's inner and outer key (RFC 2104) of a hexadecimal key of at most 64 bytes."""
    padded = bytes.fromhex(key).ljust(_BLOCK, b"\0")
    return bytes(b ^ 0x36 for b in padded), bytes(b ^ 0x5C for b in padded)
