"""Rows of every type, and their fingerprint by plain Python, DuckDB and Spark."""

from __future__ import annotations

import hashlib
import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import sqlglot
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.warehouses import fingerprint, fingerprint_dialects
from glue_jobs.warehouses.fingerprint import Fingerprint
from glue_jobs.warehouses.sql_table import sql_table
from lakehouse.contracts.sink_types import SNOWFLAKE
from tests.glue_jobs.builders import contract

EPOCH, MICROSECOND = datetime(1970, 1, 1), timedelta(microseconds=1)
SALES = contract(
    "gold.t",
    {
        "id": {"type": "integer"},
        "day": {"type": "string", "format": "date"},
        "sold_at": {"type": ["string", "null"], "format": "date-time"},
        "amount": {"type": ["number", "null"], "x-lake": {"type": "decimal(18,4)"}},
        "exact": {"type": ["number", "null"], "x-lake": {"type": "decimal(38,20)"}},
        "name": {"type": ["string", "null"]},
        "code": {"type": ["string", "null"], "maxLength": 20},
        "is_new": {"type": ["boolean", "null"]},
        "share": {"type": ["number", "null"]},
        "ratio": {"type": ["number", "null"], "x-lake": {"type": "float"}},
    },
)


DDL = (
    "id bigint, day date, sold_at timestamp, amount decimal(18,4), exact decimal(38,20), name string, "
    "code string, is_new boolean, share double, ratio float"
)


FIRST: tuple[Any, ...] = (
    1,
    date(2017, 1, 1),
    datetime(2017, 1, 1, 12, 34, 56, 789012),
    Decimal("1234.5678"),
    Decimal("123456789012345678.00000000000000000001"),
    "ü'|~\n東\U0001f600",
    "a|b",
    True,
    0.1,
    0.5,
)


ROWS: list[tuple[Any, ...]] = [
    FIRST,
    (
        2,
        date(1960, 1, 1),
        None,
        Decimal("-0.0001"),
        Decimal("-0.00000000000000000001"),
        "",
        "",
        False,
        -0.0,
        0.0,
    ),
    (
        3,
        date(2017, 1, 2),
        datetime(1900, 1, 1, 0, 0, 0, 1),
        Decimal("0.0000"),
        Decimal(0),
        None,
        None,
        None,
        None,
        None,
    ),
    (
        4,
        date(9999, 12, 31),
        datetime(9999, 12, 31, 23, 59, 59, 999999),
        None,
        None,
        "~",
        "~",
        None,
        math.inf,
        -math.inf,
    ),
    (
        5,
        date(1, 1, 1),
        datetime(1969, 12, 31, 23, 59, 59, 999999),
        Decimal(1),
        Decimal(10),
        "0",
        "1:",
        True,
        math.nan,
        1.5,
    ),
]


def by_python(rows: list[tuple[Any, ...]]) -> Fingerprint:
    hashes = [hashlib.md5(text(row).encode()).hexdigest() for row in rows]
    weights = (1, 128, 128**2, 128**3)
    first, second = (
        sum(ord(h[start + i]) * w for h in hashes for i, w in enumerate(weights)) for start in (0, 4)
    )
    return Fingerprint(len(rows), first, second)


def text(row: tuple[Any, ...]) -> str:
    id_, day, sold_at, amount, exact, name, code, is_new, share, ratio = row
    values = [
        id_,
        (day - date(1970, 1, 1)).days,
        None if sold_at is None else (sold_at - EPOCH) // MICROSECOND,
        digits(amount, 4),
        digits(exact, 20),
        None if name is None else hashlib.md5(name.encode()).hexdigest(),
        None if code is None else f"{len(code)}:{code}",
        None if is_new is None else int(is_new),
        float(share),
        float(ratio),
    ]
    return "|".join("~" if value is None else str(value) for value in values)


def digits(value: Decimal | None, scale: int) -> str | None:
    if value is None:
        return None
    sign, digits, exponent = value.as_tuple()
    whole = int("".join(map(str, digits))) * 10 ** (int(exponent) + scale)
    return f"{'-' if sign and whole else ''}{whole}"


def float(value: float | None) -> str | None:
    if value is None or not math.isfinite(value):
        return None if value is None else "n" if math.isnan(value) else "+" if value > 0 else "-"
    mantissa, exponent = math.frexp(abs(value))
    if not mantissa:
        return "0"
    whole = int(mantissa * 2**53)
    return f"{'-' if value < 0 else ''}{exponent - 1}:{whole >> 26}:{whole % 2**26}"


def by_duckdb(rows: list[tuple[Any, ...]], condition: str = "1 = 1") -> Fingerprint:
    """The SQL for Snowflake, as DuckDB reads it."""
    table = sql_table(SALES, '"main"', SNOWFLAKE, str.lower)
    sql = sqlglot.transpile(
        fingerprint.query(table, fingerprint_dialects.SNOWFLAKE, condition), read="snowflake", write="duckdb"
    )[0]
    with duckdb.connect() as db:
        db.execute(f"CREATE TABLE t ({DDL.replace(' string', ' varchar')})")
        db.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(SALES.stored))})", rows)
        values = db.execute(sql).fetchone()
    assert values is not None
    return Fingerprint.of(values)


def by_spark(spark: SparkSession, rows: list[tuple[Any, ...]], condition: str = "true") -> Fingerprint:
    # As text: a datetime would be one of this process's time zone.
    texts = [(*row[:2], None if row[2] is None else str(row[2]), *row[3:]) for row in rows]
    frame = spark.createDataFrame(texts, DDL.replace("sold_at timestamp", "sold_at string"))
    frame = frame.withColumn("sold_at", F.col("sold_at").cast("timestamp"))
    hashed = fingerprint.with_hash(frame, SALES)
    return Fingerprint.of(tuple(hashed.agg(*fingerprint.aggregates(F.expr(condition))).collect()[0]))
