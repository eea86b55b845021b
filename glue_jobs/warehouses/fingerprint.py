"""A fingerprint of rows that Spark and every warehouse compute alike, in any order of the rows.

Each row is a text of its values; the fingerprint is the number of rows and two sums over parts of their MD5.
Values count exactly: decimals by their digits, times by their microseconds, floating-point numbers by
exponent and mantissa (-0.0 is 0.0), and null is no text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.warehouses.fingerprint_dialects import SPARK, Dialect
from glue_jobs.warehouses.sql_table import SqlTable
from lakehouse.contracts import Contract

_NULL, _BETWEEN = "~", "|"
# The first hexadecimal digit of each part, and the weights of its four digits.
_PARTS, _WEIGHTS = (1, 5), (1, 128, 16_384, 2_097_152)
_INTEGERS = ("tinyint", "smallint", "int", "bigint")
# Redshift joins no longer text; what is not text takes at most so many bytes.
_MAX_JOINED, _MAX_OTHER, _BYTES_PER_CHARACTER = 65_535, 64, 4
# 26 bits: two halves of a mantissa are whole numbers that every engine writes exactly.
_HALF = 67_108_864
_HASH = "_fp_hash"
NAMES = ("_rows", "_first", "_second")


@dataclass(frozen=True)
class Fingerprint:
    """The number of rows, and the sums over the two parts of their hashes."""

    rows: int
    first: int
    second: int

    @classmethod
    def of(cls, values: tuple[Any, ...]) -> Fingerprint:
        """From a row of an aggregate; a sum over no rows is null."""
        rows, first, second = (int(value or 0) for value in values)
        return cls(rows, first, second)


def with_hash(rows: DataFrame, contract: Contract) -> DataFrame:
    """`rows` with further columns, from which `aggregates` computes."""
    copies = [F.col(f"`{name}`").alias(f"_fp_c{i}") for i, (name, _) in enumerate(contract.stored)]
    rows = rows.select("*", *copies)
    for level in _levels(contract, SPARK):
        rows = rows.selectExpr("*", *[f"{text} AS {name}" for name, text in level.items()])
    return rows


def aggregates(counts: Column) -> list[Column]:
    """Spark's aggregates, named by `NAMES`, over the rows for which `counts` is true."""
    sums = [F.expr(_sum(start)) for start in _PARTS]
    # A filter inside of the sum, for an observation takes no aggregate with one.
    counted = [F.sum(F.when(counts, part)) for part in sums]
    return [c.alias(n) for c, n in zip([F.count_if(counts), *counted], NAMES, strict=True)]


def query(table: SqlTable, dialect: Dialect, condition: str) -> str:
    """The SQL of the same numbers over the rows of a published table that satisfy `condition`."""
    stored = table.contract.stored
    copies = ", ".join(f"{table.column(name)} AS _fp_c{i}" for i, (name, _) in enumerate(stored))
    rows = f"SELECT {copies} FROM {table.name} WHERE {condition}"
    for number, level in enumerate(_levels(table.contract, dialect)):
        columns = ", ".join(f"{text} AS {name}" for name, text in level.items())
        rows = f"SELECT q{number}.*, {columns} FROM ({rows}) q{number}"
    sums = ", ".join(f"SUM({_sum(start)})" for start in _PARTS)
    return f"SELECT COUNT(*), {sums} FROM ({rows}) hashed"


def _sum(start: int) -> str:
    digits = [f"{weight} * ASCII(SUBSTR({_HASH}, {start + i}, 1))" for i, weight in enumerate(_WEIGHTS)]
    return f"({' + '.join(digits)})"


def _levels(contract: Contract, dialect: Dialect) -> list[dict[str, str]]:
    """Columns that each compute from the ones before; the last one is the hash of the row."""
    floats = [i for i, (_, kind) in enumerate(contract.stored) if kind in ("float", "double")]
    parts = [_parts(i, dialect) for i in floats]
    levels = [{name: text for of in level for name, text in of.items()} for level in zip(*parts, strict=True)]
    texts = [
        f"COALESCE({_text(f'_fp_c{i}', i, name, kind, contract, dialect)}, '{_NULL}')"
        for i, (name, kind) in enumerate(contract.stored)
    ]
    return [*levels, {_HASH: "MD5(" + f" || '{_BETWEEN}' || ".join(texts) + ")"}]


def _text(column: str, i: int, name: str, kind: str, contract: Contract, dialect: Dialect) -> str:
    if kind == "string":
        if _is_short(name, contract):
            # With its length, for a text may hold what stands between two values.
            return f"CAST(LENGTH({column}) AS {dialect.text}) || ':' || {column}"
        return f"MD5({column})"
    if kind in _INTEGERS:
        return f"CAST({column} AS {dialect.text})"
    if kind == "boolean":
        return f"CASE WHEN {column} THEN '1' WHEN NOT {column} THEN '0' END"
    if kind in ("date", "timestamp"):
        return f"CAST({(dialect.days if kind == 'date' else dialect.micros)(column)} AS {dialect.text})"
    if kind in ("float", "double"):
        return _float_text(i, column, dialect)
    if kind.startswith("decimal("):
        scale = int(kind.rstrip(")").split(",")[1])
        return f"CAST({dialect.digits(column, scale)} AS {dialect.text})"
    return f"MD5({column})"


def _is_short(name: str, contract: Contract) -> bool:
    """Whether the row's text has room for the whole of this one."""
    column = contract.by_name.get(name)
    max_length = column.schema.max_length if column else None
    room = _MAX_JOINED // len(contract.stored) - _MAX_OTHER
    return max_length is not None and max_length * _BYTES_PER_CHARACTER <= room


def _parts(i: int, dialect: Dialect) -> tuple[Mapping[str, str], ...]:
    """A finite number other than 0 as n * 2^x with 1 <= n < 2. Every step but the logarithm is exact."""
    a, e, m, double = f"_fp_a{i}", f"_fp_e{i}", f"_fp_m{i}", f"CAST(_fp_c{i} AS {dialect.double})"
    greatest = f"CAST('1.7976931348623157e308' AS {dialect.double})"
    half = f"FLOOR(-{e} / 2)"
    return (
        {a: f"CASE WHEN ABS({double}) > 0 AND ABS({double}) <= {greatest} THEN ABS({double}) END"},
        {e: f"FLOOR(LN({a}) / LN(2.0))"},
        # In two halves: 2^1074 is no number, and 2^-1074 the least one.
        {m: f"{a} * POWER(2.0, {half}) * POWER(2.0, -{e} - {half})"},
        {
            # The logarithm may be one off next to a power of 2.
            f"_fp_n{i}": f"CASE WHEN {m} >= 2 THEN {m} / 2 WHEN {m} < 1 THEN {m} * 2 ELSE {m} END",
            f"_fp_x{i}": f"{e} + CASE WHEN {m} >= 2 THEN 1 WHEN {m} < 1 THEN -1 ELSE 0 END",
        },
    )


def _float_text(i: int, column: str, dialect: Dialect) -> str:
    between = " || ':' || "
    high = f"FLOOR(_fp_n{i} * {_HALF})"
    low = f"FLOOR((_fp_n{i} * {_HALF} - {high}) * {_HALF})"
    numbers = [f"CAST(CAST({n} AS BIGINT) AS {dialect.text})" for n in (f"_fp_x{i}", high, low)]
    return (
        f"CASE WHEN _fp_a{i} IS NOT NULL "
        f"THEN CASE WHEN {column} < 0 THEN '-' ELSE '' END || {between.join(numbers)} "
        f"WHEN {column} = CAST('NaN' AS {dialect.double}) THEN 'n' "
        f"WHEN {column} = 0 THEN '0' WHEN {column} > 0 THEN '+' WHEN {column} < 0 THEN '-' END"
    )
