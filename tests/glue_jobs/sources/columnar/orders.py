"""Orders as Parquet files, and how they are read."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from glue_jobs.contract import align_to_schema, validate_and_quarantine
from glue_jobs.sources.source import Extract
from glue_jobs.tables.quarantine import quarantined_rows
from lakehouse.contracts import SourcedContract
from lakehouse.environments import Environment
from tests.glue_jobs.sources.systems import rows_of, source_of, whole

ORDERS: dict[str, Any] = {
    "id": {"type": "integer"},
    "name": {"type": ["string", "null"]},
    "amount": {"type": ["number", "null"], "x-lake": {"type": "decimal(18,2)"}},
    "ordered_on": {"type": ["string", "null"], "format": "date"},
    "tags": {"type": ["array", "null"], "x-lake": {"type": "array<string>"}},
    "updated_at": {"type": "string", "format": "date-time"},
}


NAMES = list(ORDERS)


NOON = datetime(2017, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)


def table(**columns: Any) -> pa.Table:
    usual = {
        "id": pa.array([1, 2], pa.int64()),
        "name": pa.array(["Zoë", None]),
        "amount": pa.array([Decimal("1.50"), None], pa.decimal128(18, 2)),
        "ordered_on": pa.array([date(2017, 1, 31), None]),
        "tags": pa.array([["a", "b"], None], pa.list_(pa.string())),
        "updated_at": pa.array([NOON, NOON], pa.timestamp("us", tz="UTC")),
    }
    return pa.table({name: array for name, array in (usual | columns).items() if array is not None})


def parquet(rows: pa.Table, **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(rows, out, **options)
    return out.getvalue()


def read(spark: SparkSession, env: Environment, contract: SourcedContract) -> tuple[Extract, DataFrame]:
    """The extract, and its rows in the contract's types."""
    extract = whole(source_of(spark, env, contract))
    return extract, align_to_schema(extract.rows, contract, text=extract.text)


def reasons(rows: DataFrame, contract: SourcedContract) -> list[tuple[Any, ...]]:
    rejected = quarantined_rows(validate_and_quarantine(rows, contract), contract)
    return rows_of(rejected, "row.id", "reasons")
