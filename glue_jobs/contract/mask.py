"""Personal data is readable in bronze only: what leaves it is masked by the rule that its contract names."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.contracts import Contract

_BLOCK = 64  # bytes in a block of SHA-256, the size HMAC pads its key to


def masked(spark: SparkSession, rows: DataFrame, contract: Contract, key: str) -> DataFrame:
    """`rows` with each masked column replaced: hash (HMAC-SHA-256, hex), partial (last two characters), drop (gone).

    The key travels as a one-row table and not as a literal: a literal stands in every plan and event log.
    """
    rules = {c.name: c.lake.mask for c in contract.columns if c.lake.mask and c.name in rows.columns}
    if not rules:
        return rows
    if "hash" in rules.values():
        rows = rows.crossJoin(
            F.broadcast(spark.createDataFrame([_pads(key)], "_inner binary, _outer binary"))
        )
    out = [
        _mask(name, rules.get(name)).alias(name)
        for name in rows.columns
        if rules.get(name) != "drop" and name not in ("_inner", "_outer")
    ]
    return rows.select(*out)


def _mask(name: str, rule: str | None) -> Column:
    value = F.col(f"`{name}`")
    if rule == "hash":
        text = F.encode(F.lower(F.trim(value)), "utf-8")
        inner = F.unhex(F.sha2(F.concat(F.col("_inner"), text), 256))
        return F.sha2(F.concat(F.col("_outer"), inner), 256)
    if rule == "partial":
        return F.when(value.isNotNull(), F.concat(F.lit("***"), F.right(value, F.lit(2))))
    return value


def _pads(key: str) -> tuple[bytes, bytes]:
    """HMAC's two padded keys (RFC 2104) of a hexadecimal key of at most 64 bytes."""
    padded = bytes.fromhex(key).ljust(_BLOCK, b"\0")
    return bytes(b ^ 0x36 for b in padded), bytes(b ^ 0x5C for b in padded)
