"""A warehouse that unloads no row writes no file."""

from __future__ import annotations

import uuid

from pyspark.sql import SparkSession

from glue_jobs.sources.unloaded import contract_ddl, read_unloaded
from lakehouse.environments import Environment, names
from tests.glue_jobs.builders import contract
from tests.glue_jobs.sources.systems import PEOPLE


def test_an_unload_without_rows_has_the_columns_of_the_contract(
    spark: SparkSession, local_env: Environment
) -> None:
    uri = names.staging_uri(local_env, "test", uuid.uuid4().hex)
    people = contract("bronze.people", PEOPLE, write="append", sequence="updated_at")
    ddl = contract_ddl(people, ["id", "amount", "updated_at"])
    empty = read_unloaded(spark, local_env, uri, ddl)
    assert empty.dtypes == [("id", "bigint"), ("amount", "decimal(18,2)"), ("updated_at", "timestamp")]
    assert empty.count() == 0
    spark.range(3).write.parquet(uri)
    assert read_unloaded(spark, local_env, uri, ddl).count() == 3
