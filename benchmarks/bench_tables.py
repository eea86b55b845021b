"""The tables of a benchmark on its own local platform, and what restores them between rounds."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from unittest import mock

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.aws import clients
from glue_jobs.job_types import ingest
from glue_jobs.run_request import RunRequest
from glue_jobs.runner import run_job
from glue_jobs.s3 import S3Uri, delete_prefix, list_keys
from glue_jobs.session import job_session
from glue_jobs.sources.source import Extract
from glue_jobs.state.audit import RunRow
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables import delta_log
from glue_jobs.tables.delta_log import Txn
from glue_jobs.tables.target import Target, append
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment, names
from lakehouse.pipelines import load_pipelines

RUN_DATE = date(2017, 12, 31)


class BenchTables:
    """An environment, its session, and the work on tables outside the measured time."""

    def __init__(self, env: Environment, spark: SparkSession) -> None:
        self.env, self.spark = env, spark
        self.schemas = load_schemas()
        self.pipeline = load_pipelines()["retail"]

    def uri(self, table: str, side: str = "engine") -> str:
        uri = names.table_uri(self.env, table)
        return uri if side == "engine" else f"{uri}__{side}"

    def version(self, table: str) -> int:
        return delta_log.version(self.spark, self.uri(table))

    def write(self, table: str, rows: DataFrame) -> None:
        """Add rows to a table that only the benchmark fills."""
        txn = Txn(f"bench-{uuid.uuid4()}", 1, "bench")
        contract = self.schemas.contracts[table]
        append(Target(job_session(self.spark), self.uri(table), contract, txn, lambda: None), rows)

    def drop(self, uri: str) -> None:
        empty(self.env, self.spark, uri)

    def copy(self, source: str, target: str) -> None:
        """A Delta table names its files by relative paths, so a copy of the folder is a table."""
        self.drop(target)
        s3, old, new = clients(self.env).s3, S3Uri.parse(source).folder, S3Uri.parse(target)
        for key in list_keys(s3, old):
            copy = new.child(key.removeprefix(old.key))
            s3.copy_object(Bucket=copy.bucket, Key=copy.key, CopySource=f"{old.bucket}/{key}")
        forget(self.spark, target)

    def position(self, job: str, table: str, position: Any) -> None:
        Watermarks(self.env).reset(f"{job}.{table}", position)

    def run(self, job: str, *, reads: tuple[str, ...] = (), writes: tuple[str, ...] = ()) -> RunRow:
        """Run the engine's job, with lease, audit and lineage, for these tables only.

        `reads` restricts what a gate judges. A job that writes reads all that it would, and of its own
        tables those that it does not write now.
        """
        whole = self.pipeline.job(job)
        others = tuple(table for table in whole.writes if table not in writes)
        part = replace(whole, reads=reads or (*whole.reads, *others), writes=writes)
        return run_job(self.env, self.schemas, self.spark, RunRequest(part, RUN_DATE))

    def ingest(self, source: str) -> RunRow:
        """Ingest orders from Parquet files instead of Snowflake, to leave out the connector's time."""
        parquet = FromParquet(self.spark, source)
        with mock.patch.object(ingest, "source_for", return_value=parquet):
            return self.run("snowflake_to_bronze", writes=("bronze.snowflake_orders",))

    def checksum(self, uri: str, table: str) -> tuple[int, int]:
        """Rows and hash of a table, without the two columns that differ from batch to batch."""
        columns = [n for n, _ in self.schemas.contracts[table].stored if n not in ("_ingest_ts", "_batch_id")]
        return checksum(self.spark, uri, columns)


def checksum(spark: SparkSession, uri: str, columns: Sequence[str]) -> tuple[int, int]:
    """Rows, and the sum of their hashes."""
    rows = spark.read.format("delta").load(uri)
    totals = rows.agg(F.count(F.lit(1)), F.sum(F.xxhash64(*columns).cast("decimal(38,0)"))).collect()[0]
    return int(totals[0]), int(totals[1])


def empty(env: Environment, spark: SparkSession, uri: str) -> None:
    """Delete everything below the folder, and make Delta forget its table."""
    delete_prefix(clients(env).s3, S3Uri.parse(uri).folder)
    forget(spark, uri)


def forget(spark: SparkSession, uri: str) -> None:
    jvm: Any = spark._jvm
    jvm.org.apache.spark.sql.delta.DeltaLog.invalidateCache(
        spark._jsparkSession, jvm.org.apache.hadoop.fs.Path(uri)
    )


@dataclass(frozen=True)
class FromParquet:
    """A source whose rows are Parquet files."""

    spark: SparkSession
    path: str

    def plan(self, position: Any, run_date: date) -> Any:
        return {"file": self.path}

    def read(self, position: Any, until: Any) -> Extract:
        missing = [
            F.lit(None).cast("boolean").alias("is_deleted"),
            F.lit(None).cast("string").alias("_source_position"),
        ]
        return Extract(self.spark.read.parquet(self.path).select("*", *missing), text=False)
