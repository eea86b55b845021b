"""Tables of one contract, and the same tables under the next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pyspark.sql import SparkSession

from glue_jobs.tables.evolution import evolve
from glue_jobs.tables.target import append
from lakehouse.contracts import Contract
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract, target

AT = datetime(2017, 1, 31, 10, tzinfo=UTC)
KEY = {"type": "integer"}
WHEN = {"type": "string", "format": "date-time"}


def of(columns: dict[str, Any], **lake: Any) -> Contract:
    return contract("silver.things", {"id": KEY, **columns, "changed_at": WHEN}, **lake)


def column(kind: str, json_type: str = "number") -> dict[str, Any]:
    return {"type": [json_type, "null"], "x-lake": {"type": kind}}


def table(spark: SparkSession, env: Environment, before: Contract, *rows: tuple[Any, ...]) -> Any:
    """A table under its first contract, with these rows."""
    made = target(spark, env, before)
    append(made, spark.createDataFrame(list(rows), before.ddl))
    return made


def follow(spark: SparkSession, env: Environment, made: Any, after: Contract, batch: int = 2) -> Any:
    written = target(spark, env, after, batch=batch, uri=made.uri)
    evolve(written)
    return written
