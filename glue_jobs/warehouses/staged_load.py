"""Rows on their way: Parquet files on S3 that Spark writes in parallel and the warehouse, or this process, reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from glue_jobs.connections.staging import arrow, data_files, s3_files
from glue_jobs.s3 import S3Uri, delete_prefix
from lakehouse.contracts import Contract
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from glue_jobs.aws import Aws

BATCH_ROWS = 65_536


@dataclass(frozen=True)
class Staged:
    """The files of one table."""

    env: Environment
    uri: str

    @cached_property
    def files(self) -> Any:
        return s3_files(self.env)

    @cached_property
    def paths(self) -> list[str]:
        """The files that hold rows, as Arrow names them."""
        return [path for path, rows in self._sizes.items() if rows]

    @property
    def rows(self) -> int:
        return sum(self._sizes.values())

    def batches(self) -> Iterator[Any]:
        """Arrow record batches, a few in memory at a time."""
        for path in self.paths:
            with self.files.open_input_file(path) as file:
                yield from arrow("parquet").ParquetFile(file).iter_batches(BATCH_ROWS)

    @cached_property
    def _sizes(self) -> dict[str, int]:
        parquet = arrow("parquet")
        return {
            path: int(parquet.read_metadata(path, filesystem=self.files).num_rows)
            for path in data_files(self.files, self.uri)
        }


@contextmanager
def staged(env: Environment, aws: Aws, contract: Contract, rows: DataFrame, folder: str) -> Iterator[Staged]:
    """The contract's columns of `rows` as files that are gone when the block ends."""
    uri = f"{folder}/{contract.name}/{uuid4().hex}"
    try:
        # Every warehouse reads snappy; the files live for seconds, so they need no second rename to be safe.
        (
            rows.select(*[f"`{name}`" for name, _ in contract.stored])
            .write.option("compression", "snappy")
            .option("mapreduce.fileoutputcommitter.algorithm.version", "2")
            .parquet(uri)
        )
        yield Staged(env, uri)
    finally:
        delete_prefix(aws.s3, S3Uri.parse(uri).folder)
