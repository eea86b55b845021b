"""Staged files hold the contract's columns, can be counted and read, and are deleted afterwards."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_keys
from glue_jobs.warehouses.staged_files import StagedFiles, stage_files
from lakehouse.environments import Environment, names
from tests.glue_jobs.builders import contract
from tests.glue_jobs.sources.systems import unique

THINGS = contract()


def keys(env: Environment, uri: str) -> list[str]:
    return list(list_keys(clients(env).s3, S3Uri.parse(uri).folder))


def test_rows_are_staged_and_deleted_when_the_block_ends(spark: SparkSession, local_env: Environment) -> None:
    folder = names.staging_uri(local_env, "test", unique())
    rows = spark.range(5).selectExpr("id", "string(id) value", "timestamp'2017-01-01' changed_at", "1 more")
    with stage_files(local_env, clients(local_env), THINGS, rows.repartition(2), folder) as files:
        assert files.rows == 5
        assert all(path.endswith(".parquet") for path in files.paths)
        batches = list(files.batches())
        assert sum(batch.num_rows for batch in batches) == 5
        assert batches[0].schema.names == ["id", "value", "changed_at"]
        assert keys(local_env, folder)
    assert keys(local_env, folder) == []


def test_files_are_deleted_when_the_block_fails(spark: SparkSession, local_env: Environment) -> None:
    folder = names.staging_uri(local_env, "test", unique())
    rows = spark.range(1).selectExpr("id", "'a' value", "timestamp'2017-01-01' changed_at")
    with (
        pytest.raises(RuntimeError, match="refused"),
        stage_files(local_env, clients(local_env), THINGS, rows, folder),
    ):
        raise RuntimeError("refused")
    assert keys(local_env, folder) == []


def test_a_folder_without_rows_has_no_files_to_load(local_env: Environment) -> None:
    files = StagedFiles(local_env, names.staging_uri(local_env, "test", unique()), {})
    assert (files.rows, files.paths, list(files.batches())) == (0, [], [])
