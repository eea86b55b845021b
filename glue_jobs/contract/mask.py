"""Masks personal data: where rows leave bronze, and where rows reach a table whose contract states a mask."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.errors import RunError

_BLOCK = 64  # bytes in a block of SHA-256, the size that HMAC pads its key to
MIN_KEY = 32  # bytes: as strong as the hash
# `partial` shows the last characters of a value that is long enough to hide at least three quarters of it.
_SHOWN, _LONG_ENOUGH = 2, 8
_KEYS = ("_inner", "_outer")


def masked(rows: DataFrame, rules: Mapping[str, str], key: str) -> DataFrame:
    """`rows` with each column that `rules` names masked by its rule.

    hash: HMAC-SHA-256 in hex; partial: the last two characters of a value of at least eight, none of a
    shorter one; drop: the column is removed. The key travels as a one-row table and not as a literal: every
    plan and event log shows literals. Raises RunError (RUN071) for a key that is no key.
    """
    rules = {name: rule for name, rule in rules.items() if name in rows.columns}
    if not rules:
        return rows
    if "hash" in rules.values():
        rows = with_keys(rows, key)
    columns = [
        _mask(name, rules.get(name)).alias(name)
        for name in rows.columns
        if rules.get(name) != "drop" and name not in _KEYS
    ]
    return rows.select(*columns)


def with_keys(rows: DataFrame, key: str) -> DataFrame:
    """`rows` with the columns that `keyed_hash` reads. Raises RunError (RUN071) for a key that is no key."""
    keys = rows.sparkSession.createDataFrame([_padded_keys(key)], "_inner binary, _outer binary")
    return rows.crossJoin(F.broadcast(keys))


def without_keys(rows: DataFrame) -> DataFrame:
    """`rows` without these columns."""
    return rows.drop(*_KEYS)


def keyed_hash(text: Column) -> Column:
    """HMAC-SHA-256 of a text, in hexadecimal, of rows `with_keys`."""
    inner = F.unhex(F.sha2(F.concat(F.col("_inner"), F.encode(text, "utf-8")), 256))
    return F.sha2(F.concat(F.col("_outer"), inner), 256)


def _mask(name: str, rule: str | None) -> Column:
    value = F.col(f"`{name}`")
    if rule == "hash":
        return keyed_hash(F.lower(F.trim(value)))
    if rule == "partial":
        shown = F.when(F.length(value) >= _LONG_ENOUGH, F.right(value, F.lit(_SHOWN))).otherwise("")
        return F.when(value.isNotNull(), F.concat(F.lit("***"), shown))
    return value


def key_bytes(key: str) -> bytes:
    """The bytes of a masking key in hexadecimal. Raises RunError (RUN071), which shows nothing of the key."""
    try:
        raw = bytes.fromhex(key)
    except ValueError:
        raw = b""
    if not MIN_KEY <= len(raw) <= _BLOCK:
        raise RunError(
            f"the masking key is not {MIN_KEY} to {_BLOCK} bytes in hexadecimal: whoever guesses it tells "
            "persons by their hashes; put one of `openssl rand -hex 32` into the secret",
            code="RUN071",
        )
    return raw


def _padded_keys(key: str) -> tuple[bytes, bytes]:
    """HMAC's inner and outer key (RFC 2104) of a hexadecimal key of at most one block."""
    padded = key_bytes(key).ljust(_BLOCK, b"\0")
    return bytes(b ^ 0x36 for b in padded), bytes(b ^ 0x5C for b in padded)
