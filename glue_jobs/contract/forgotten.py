"""Flags rows of forgotten persons, so that no job takes them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract.align import RAW
from glue_jobs.contract.mask import keyed_hash, with_keys, without_keys
from glue_jobs.contract.validate import INVALID

FORGOTTEN = "_forgotten"


def flag_forgotten(
    rows: DataFrame, columns: Mapping[str, str], hashes: Mapping[str, Sequence[str]], key: str
) -> DataFrame:
    """Adds FORGOTTEN: whether a row names a forgotten person. Such a row is not invalid, whatever it breaks.

    `columns`: name that a person is known by → the table's column. `hashes`: the same name → hashes.
    """
    keyed = with_keys(rows, key)
    forgotten = F.lit(False)
    for name, column in columns.items():
        text = F.concat(F.lit(f"{name}="), F.trim(_sent(rows, column)))
        forgotten = forgotten | F.coalesce(keyed_hash(text).isin(list(hashes[name])), F.lit(False))
    flagged = without_keys(keyed.withColumn(FORGOTTEN, forgotten))
    if INVALID not in rows.columns:
        return flagged
    return flagged.withColumn(INVALID, F.col(INVALID) & ~F.col(FORGOTTEN))


def is_forgotten(rows: DataFrame) -> Column:
    """Whether a row is of a forgotten person; never where rows bear no flag."""
    return F.col(FORGOTTEN) if FORGOTTEN in rows.columns else F.lit(False)


def _sent(rows: DataFrame, column: str) -> Column:
    """The value as text, as it was sent where it is another type than the contract's."""
    typed = F.col(f"`{column}`").cast("string")
    raw = RAW + column
    return F.coalesce(F.col(f"`{raw}`").cast("string"), typed) if raw in rows.columns else typed
