"""Contracts and frames small enough to read in a test."""

from __future__ import annotations

import uuid
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame, SparkSession

from glue_jobs.session import job_session
from glue_jobs.tables.delta_log import Txn
from glue_jobs.tables.target import Target
from lakehouse.contracts.contract import Contract, contract_of
from lakehouse.contracts.document import Document
from lakehouse.environments import Environment, names

SCHEMA = "https://json-schema.org/draft/2020-12/schema"


def contract(table: str = "silver.things", properties: dict[str, Any] | None = None, **lake: Any) -> Contract:
    """A contract of `properties` (name → JSON Schema); all that may not be null are required."""
    columns = properties or {
        "id": {"type": "integer"},
        "value": {"type": ["string", "null"]},
        "changed_at": {"type": "string", "format": "date-time"},
    }
    required = [n for n, p in columns.items() if "null" not in p["type"]]
    described = {n: {"description": n, **p} for n, p in columns.items()}
    x_lake = {
        "version": 1,
        "owner": "tests",
        "write": "merge",
        "primary_key": ["id"],
        "sequence": "changed_at",
        **lake,
    }
    document = {
        "$schema": SCHEMA,
        "$id": table.replace(".", "/"),
        "title": table,
        "description": table,
        "type": "object",
    }
    parsed = Document.model_validate(
        {**document, "properties": described, "required": required, "x-lake": x_lake}
    )
    return contract_of(table, parsed)


def frame(spark: SparkSession, ddl: str, *rows: tuple[Any, ...]) -> DataFrame:
    return spark.createDataFrame(list(rows), ddl)


def local_frame(spark: SparkSession, ddl: str, *rows: tuple[Any, ...]) -> DataFrame:
    """The same rows as those of `frame`, for tests that use them often.

    They go to Spark as Arrow, which it keeps in its plan: rows of a list it asks a Python process for, at
    each use. No rows, and NaN, which Arrow would read as null, go as a list, once.
    """
    if not rows or "nan" in repr(rows).lower():
        return frame(spark, ddl, *rows).localCheckpoint()
    return spark.createDataFrame(pd.DataFrame(list(rows), dtype=object), ddl)


def target(
    spark: SparkSession,
    env: Environment,
    of: Contract,
    batch: int = 1,
    uri: str | None = None,
    app: str = "test",
) -> Target:
    """A table of its own in the world's S3; give `uri` to write the same one again."""
    location = uri or f"{names.zone_uri(env, names.Zone.SILVER)}/test-{uuid.uuid4().hex}"
    return Target(job_session(spark), location, of, Txn(app, batch, str(uuid.uuid4())), lambda: None)
