"""How each engine writes what the fingerprint of a value is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# BigDecimal writes more digits behind the point as a power of ten.
_MAX_PLAIN_SCALE = 6


@dataclass(frozen=True)
class Dialect:
    """Types, and functions from the SQL of a column to the SQL of a number or a text.

    `text` holds 41 characters. `days` and `micros` count since 1970; `digits` of a decimal and its scale
    are its digits as a whole number.
    """

    text: str
    double: str
    days: Callable[[str], str]
    micros: Callable[[str], str]
    digits: Callable[[str, int], str]


def _spark_digits(column: str, scale: int) -> str:
    plain = f"CAST({column} AS STRING)"
    if scale > _MAX_PLAIN_SCALE:
        plain = f"FORMAT_NUMBER({column}, '0.{'0' * scale}')"
    return f"CAST(REPLACE({plain}, '.', '') AS DECIMAL(38,0))"


def _sql_digits(column: str, scale: int) -> str:
    # Engines differ in the zero before the point, which the whole number loses.
    return f"CAST(REPLACE(CAST({column} AS VARCHAR(41)), '.', '') AS NUMERIC(38,0))"


SPARK = Dialect(
    text="STRING",
    double="DOUBLE",
    days=lambda column: f"DATEDIFF({column}, DATE '1970-01-01')",
    micros=lambda column: f"UNIX_MICROS({column})",
    digits=_spark_digits,
)
REDSHIFT = Dialect(
    text="VARCHAR(41)",
    double="DOUBLE PRECISION",
    days=lambda column: f"({column} - DATE '1970-01-01')",
    # Whole seconds: some versions give the seconds of a time as a rounded number.
    micros=lambda column: (
        f"(CAST(EXTRACT(EPOCH FROM DATE_TRUNC('second', {column})) AS BIGINT) * 1000000 "
        f"+ CAST(TO_CHAR({column}, 'US') AS BIGINT))"
    ),
    digits=_sql_digits,
)
SNOWFLAKE = Dialect(
    text="VARCHAR(41)",
    double="DOUBLE PRECISION",
    days=lambda column: f"DATEDIFF(day, DATE '1970-01-01', {column})",
    micros=lambda column: f"DATEDIFF(microsecond, TIMESTAMP '1970-01-01 00:00:00', {column})",
    digits=_sql_digits,
)
