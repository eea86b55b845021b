"""Small Delta tables of a test's world, written without Spark."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, write_deltalake

from cli.tables.storage import storage_options
from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, delete_prefix
from lakehouse.environments import Environment, names

SCHEMA = pa.schema([("product_id", pa.int64()), ("name", pa.string()), ("price", pa.decimal128(18, 2))])


def rows(*values: tuple[Any, ...]) -> pa.Table:
    columns = list(zip(*values, strict=True)) if values else [(), (), ()]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)


def write(env: Environment, table: str, data: pa.Table, mode: Any = "append", batch: str = "") -> None:
    properties = CommitProperties(custom_metadata={"userMetadata": batch}) if batch else None
    write_deltalake(
        names.table_uri(env, table),
        data,
        mode=mode,
        storage_options=storage_options(env),
        commit_properties=properties,
    )


def forget(env: Environment, table: str) -> None:
    """Deletes a table, whatever a test before has written."""
    delete_prefix(clients(env).s3, S3Uri.parse(names.table_uri(env, table)).folder)
