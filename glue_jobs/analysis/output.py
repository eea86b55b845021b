"""Compares what a query or a function gives with the contract of the table that it makes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import ArrayType, DataType, MapType, StructType

from glue_jobs.contract.validate import REJECT
from lakehouse.contracts import Contract
from lakehouse.pipelines.sql_columns import written_columns
from lakehouse.reading.faults import nearest


@dataclass(frozen=True)
class OutputFault:
    """A column that does not fit. `code`: LK341 for its name, LK342 for its type."""

    code: str
    message: str
    expected: str
    value: str
    among: tuple[str, ...] = ()


def compare(
    spark: SparkSession, rows: DataFrame, contract: Contract, *, exactly: bool
) -> Iterator[OutputFault]:
    """Each column that is missing, or has a type that would not become the contract's.

    `exactly`: also each that the contract lacks. A query lists what it gives; a function may hand on what it
    was given.

    Types are judged by Spark's own rule for INSERT: a number may become a wider or narrower one, and anything
    plain may become text; text becomes no number.
    """
    names = written_columns(contract)
    for name in names:
        if name not in rows.columns:
            message = f"{contract.table}: gives no column {name}"
            yield OutputFault("LK341", message, "every column of the contract", name, tuple(rows.columns))
    for field in rows.schema.fields:
        if field.name not in contract.by_name:
            if exactly and not field.name.startswith("_"):
                message = f"{contract.table}: gives column {field.name}, which its contract lacks"
                yield OutputFault("LK341", message, f"the columns {', '.join(names)}", field.name, names)
            continue
        if field.name not in names:
            continue
        kind = contract.by_name[field.name].type
        if not _storable(spark, field.dataType, kind):
            message = f"{contract.table}: {field.name} is {field.dataType.simpleString()}"
            yield OutputFault("LK342", message, f"{kind}, by a cast that says how", field.name)
    if REJECT in rows.columns and rows.schema[REJECT].dataType.simpleString() not in ("string", "void"):
        message = f"{contract.table}: {REJECT} is {rows.schema[REJECT].dataType.simpleString()}"
        yield OutputFault("LK342", message, "string: the reason, or null", REJECT)


def closest(fault: OutputFault) -> str:
    """The name that the faulty one may have been meant to be."""
    return nearest(fault.value, fault.among)


def _storable(spark: SparkSession, given: DataType, kind: str) -> bool:
    jvm: Any = spark._jvm
    parse = jvm.org.apache.spark.sql.types.DataType.fromDDL
    target = parse(kind)
    source = parse(given.simpleString()) if not _holds_void(given) else None
    if source is None:
        return True
    if not jvm.org.apache.spark.sql.catalyst.expressions.Cast.canANSIStoreAssign(source, target):
        return False
    expected = jvm.org.apache.spark.sql.types.StructType.fromDDL(f"x {kind}").json()
    return _same_fields(given, StructType.fromJson(json.loads(expected))[0].dataType)


def _holds_void(kind: DataType) -> bool:
    return "void" in kind.simpleString()


def _same_fields(given: DataType, expected: DataType) -> bool:
    """A cast of structs goes by position: fields of other names would change places without a word."""
    if isinstance(given, StructType) and isinstance(expected, StructType):
        return given.names == expected.names and all(
            _same_fields(a.dataType, b.dataType) for a, b in zip(given.fields, expected.fields, strict=True)
        )
    if isinstance(given, ArrayType) and isinstance(expected, ArrayType):
        return _same_fields(given.elementType, expected.elementType)
    if isinstance(given, MapType) and isinstance(expected, MapType):
        return _same_fields(given.valueType, expected.valueType)
    return True
