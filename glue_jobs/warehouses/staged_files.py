"""Stages rows as Parquet files on S3, which the warehouse or this process reads."""

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
class StagedFiles:
    """The staged files of one table."""

    env: Environment
    uri: str

    @cached_property
    def files(self) -> Any:
        """Arrow's file system that holds the files."""
        return s3_files(self.env)

    @cached_property
    def paths(self) -> list[str]:
        """`bucket/key` of every file that has rows."""
        return [path for path, rows in self._sizes.items() if rows]

    @property
    def rows(self) -> int:
        """The number of staged rows, from the files' metadata."""
        return sum(self._sizes.values())

    def batches(self) -> Iterator[Any]:
        """The rows as Arrow record batches of at most 65,536 rows, read one after the other."""
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
def stage_files(
    env: Environment, aws: Aws, contract: Contract, rows: DataFrame, folder: str
) -> Iterator[StagedFiles]:
    """Writes the contract's columns of `rows` below `folder`; leaving the block deletes the files."""
    uri = f"{folder}/{contract.name}/{uuid4().hex}"
    try:
        # Every warehouse reads snappy. The files live for seconds, so committer 2, without a second rename,
        # is safe enough.
        (
            rows.select(*[f"`{name}`" for name, _ in contract.stored])
            .write.option("compression", "snappy")
            .option("mapreduce.fileoutputcommitter.algorithm.version", "2")
            .parquet(uri)
        )
        yield StagedFiles(env, uri)
    finally:
        delete_prefix(aws.s3, S3Uri.parse(uri).folder)
