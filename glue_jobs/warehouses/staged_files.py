"""Stages rows as Parquet files on S3, which the warehouse or this process reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pyspark.sql import Observation
from pyspark.sql import functions as F

from glue_jobs.connections.staging import arrow, data_files, s3_files
from glue_jobs.s3 import S3Uri, delete_prefix
from glue_jobs.warehouses import fingerprint
from glue_jobs.warehouses.fingerprint import Fingerprint
from glue_jobs.warehouses.sql_table import DELETED
from lakehouse.contracts import Contract
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from glue_jobs.aws import Aws

BATCH_ROWS = 65_536


@dataclass(frozen=True)
class StagedFiles:
    """The staged files of one table; `metrics` are the aggregates that their write computed."""

    env: Environment
    uri: str
    metrics: Mapping[str, Any]

    @property
    def fingerprint(self) -> Fingerprint:
        """Of the rows that are not deleted."""
        return Fingerprint.of(tuple(self.metrics[name] for name in fingerprint.NAMES))

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
                # A chunk of a column may be smaller than S3's reply that it is asked too often, which Arrow
                # then takes for a broken stream. Buffered, chunks of a row group are read together.
                parquet = arrow("parquet").ParquetFile(file, pre_buffer=True)
                yield from parquet.iter_batches(BATCH_ROWS)

    @cached_property
    def _sizes(self) -> dict[str, int]:
        parquet = arrow("parquet")
        return {
            path: int(parquet.read_metadata(path, filesystem=self.files).num_rows)
            for path in data_files(self.files, self.uri)
        }


@contextmanager
def stage_files(
    env: Environment,
    aws: Aws,
    contract: Contract,
    rows: DataFrame,
    folder: str,
    *,
    deletes: bool = False,
    more: Sequence[Column] = (),
) -> Iterator[StagedFiles]:
    """Writes the contract's columns of `rows` below `folder`; leaving the block deletes the files.

    `deletes`: a column `_deleted` too, which is false where `rows` have none; of a deleted row only the key
    is staged. The write computes the fingerprint of the other rows, and the aggregates `more` of all.
    """
    uri = f"{folder}/{contract.name}/{uuid4().hex}"
    observation = Observation(f"staged-{uuid4()}")
    staged = _with_deleted(contract, rows) if deletes else rows.select(*_columns(contract))
    is_left = ~F.col(DELETED) if deletes else F.lit(True)
    observed = fingerprint.with_hash(staged, contract).observe(
        observation, *fingerprint.aggregates(is_left), *more
    )
    try:
        # Every warehouse reads snappy. The files live for seconds, so committer 2, without a second rename,
        # is safe enough.
        (
            observed.select(*staged.columns)
            .write.option("compression", "snappy")
            .option("mapreduce.fileoutputcommitter.algorithm.version", "2")
            .parquet(uri)
        )
        yield StagedFiles(env, uri, observation.get)
    finally:
        delete_prefix(aws.s3, S3Uri.parse(uri).folder)


def _columns(contract: Contract) -> list[Column]:
    return [F.col(f"`{name}`") for name, _ in contract.stored]


def _with_deleted(contract: Contract, rows: DataFrame) -> DataFrame:
    if DELETED not in rows.columns:
        return rows.select(*_columns(contract), F.lit(False).alias(DELETED))
    # A row may be deleted because the warehouse could not hold one of its values.
    values = [
        F.col(f"`{name}`")
        if name in contract.primary_key
        else F.when(~F.col(DELETED), F.col(f"`{name}`")).alias(name)
        for name, _ in contract.stored
    ]
    return rows.select(*values, DELETED)
