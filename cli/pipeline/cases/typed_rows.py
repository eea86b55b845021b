"""The rows of a case with the types of their contract."""

from __future__ import annotations

import json

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from cli.pipeline.cases.reader import REJECT, Row
from glue_jobs.contract.texts import typed_text
from glue_jobs.errors import RunError
from lakehouse.contracts import Contract
from lakehouse.contracts.contract import METADATA


def types_of(contract: Contract) -> dict[str, str]:
    return {c.name: c.type for c in contract.columns} | dict(METADATA) | {REJECT: "string"}


def typed_rows(spark: SparkSession, rows: list[Row], contract: Contract, table: str) -> DataFrame:
    """The rows with the types of their contract.

    Raises RunError for a value that is not of its column's type.
    """
    types = types_of(contract)
    texts = [tuple(_json_text(row.get(name)) for name in types) for row in rows]
    raw = _texts(spark, texts, list(types))
    typed = raw.select(*[_parsed(name, kind).alias(name) for name, kind in types.items()])
    if not rows:
        return typed
    lost = raw.select(*[(F.col(n).isNotNull() & _parsed(n, k).isNull()).alias(n) for n, k in types.items()])
    for row, flags in zip(rows, lost.collect(), strict=True):
        for name in [name for name in types if flags[name]]:
            raise RunError(f"{table}: {name} = {row[name]!r} is no {types[name]}", code="RUN111")
    return typed


def _texts(spark: SparkSession, rows: list[tuple[str | None, ...]], columns: list[str]) -> DataFrame:
    """The rows as a part of the query; of a list, Spark asks a Python process at each use."""
    import pandas as pd

    ddl = ", ".join(f"`{name}` string" for name in columns)
    return spark.createDataFrame(pd.DataFrame(rows, dtype=object) if rows else [], ddl)


def _json_text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _parsed(name: str, kind: str) -> Column:
    # As a value of a file: a cast would round 1.005 to 1.01, and the case would pass.
    return F.expr(typed_text(f"`{name}`", kind))
