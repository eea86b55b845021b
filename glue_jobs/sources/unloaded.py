"""Reads the files that a warehouse unloaded. A warehouse that has no row writes no file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from glue_jobs.connections.sql_names import quoted
from glue_jobs.connections.staging import data_files, s3_files
from lakehouse.contracts import Contract
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def read_unloaded(spark: SparkSession, env: Environment, uri: str, ddl: str) -> DataFrame:
    """The rows below `uri`; no row, with the columns of `ddl`, where the folder has no Parquet file."""
    if data_files(s3_files(env), uri):
        return spark.read.parquet(uri)
    return spark.createDataFrame([], ddl)


def contract_ddl(contract: Contract, names: Iterable[str]) -> str:
    """The columns `names` of a contract, in its types, as Spark's DDL."""
    return ", ".join(f"`{name}` {contract.by_name[name].type}" for name in names)


def unload_sql(select: str, uri: str, integration: str) -> str:
    """COPY INTO a folder of Parquet files with named columns.

    The platform makes the uri, so it holds no quote.
    """
    return (
        f"COPY INTO '{uri}/' FROM ({select}) STORAGE_INTEGRATION = {quoted(integration.upper())} "
        "FILE_FORMAT = (TYPE = PARQUET COMPRESSION = SNAPPY) HEADER = TRUE MAX_FILE_SIZE = 134217728"
    )
