"""Writes Arrow batches of Snowflake's connector into one Parquet file on S3, a few in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from glue_jobs.connections.staging import arrow, s3_files
from glue_jobs.s3 import S3Uri
from glue_jobs.sources.snowflake_fields import BINARY, BOOLEAN, DATE, FIXED, REAL, TIMESTAMPS, Field
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Spark reads row groups in parallel; much smaller ones cost more to open than to read.
ROW_GROUP = 200_000


class TooWideError(Exception):
    """A value of `column` does not fit 64 bits."""

    def __init__(self, column: str) -> None:
        self.column = column
        super().__init__(column)


class ArrowStaging:
    """One staged query result. `wide`: names of integer columns that need more than 64 bits."""

    def __init__(self, env: Environment, uri: str, fields: list[Field], wide: frozenset[str]) -> None:
        self._env, self._uri, self._fields, self._wide = env, uri, fields, wide

    def write(self, batches: Iterator[Any]) -> None:
        """Writes all batches. Raises TooWideError when an integer does not fit 64 bits."""
        pa, pq = arrow(), arrow("parquet")

        schema = pa.schema([(field.name, self._arrow_type(field)) for field in self._fields])
        with pq.ParquetWriter(
            S3Uri.parse(self._uri).child("part-00000.parquet").path,
            schema,
            filesystem=s3_files(self._env),
            compression="zstd",
        ) as out:
            pending: list[Any] = []
            for batch in batches:
                pending.append(self._cast(batch, schema))
                if sum(table.num_rows for table in pending) >= ROW_GROUP:
                    out.write_table(pa.concat_tables(pending))
                    pending = []
            if pending:
                out.write_table(pa.concat_tables(pending))

    def read(self, spark: SparkSession) -> DataFrame:
        """The written rows; timestamps are microseconds since 1970."""
        columns = ", ".join(f"`{field.name}` {self._spark_type(field)}" for field in self._fields)
        return spark.read.schema(columns).parquet(self._uri)

    def _cast(self, batch: Any, schema: Any) -> Any:
        # Each batch has the narrowest integer type that holds its own values.
        pa = arrow()
        arrays = []
        for index, target in enumerate(schema):
            try:
                arrays.append(batch.column(index).cast(target.type))
            except pa.ArrowInvalid:
                if self._fields[index].is_integer and target.name not in self._wide:
                    raise TooWideError(target.name) from None
                raise
        return pa.table(arrays, schema=schema)

    def _arrow_type(self, field: Field) -> Any:
        pa = arrow()
        if field.code in TIMESTAMPS:
            return pa.int64()
        if field.code == FIXED:
            return (
                pa.int64()
                if field.is_integer and field.name not in self._wide
                else pa.decimal128(field.precision, field.scale)
            )
        types = {REAL: pa.float64(), DATE: pa.date32(), BOOLEAN: pa.bool_(), BINARY: pa.binary()}
        return types.get(field.code, pa.string())

    def _spark_type(self, field: Field) -> str:
        if field.code == FIXED and not (field.is_integer and field.name not in self._wide):
            return f"decimal({field.precision},{field.scale})"
        types = {
            REAL: "double",
            DATE: "date",
            BOOLEAN: "boolean",
            BINARY: "binary",
            FIXED: "bigint",
            **dict.fromkeys(TIMESTAMPS, "bigint"),
        }
        return types.get(field.code, "string")
