"""Tables in the Glue catalog."""

from __future__ import annotations

import uuid

import pytest
from pyspark.sql import SparkSession

from glue_jobs.errors import RunError
from glue_jobs.job_types.register import Register, ensure_database
from glue_jobs.tables.target import append
from lakehouse.environments import Environment, names
from lakehouse.pipelines.job_type import JobType
from tests.glue_jobs.builders import contract, frame, target
from tests.glue_jobs.run_harness import job, run_context, schemas


def test_a_table_is_registered_and_then_updated(local_env: Environment, spark: SparkSession) -> None:
    things = contract(f"silver.registered_{uuid.uuid4().hex[:8]}")
    of = job(reads=(things.table,), type=JobType.REGISTER)
    run = run_context(local_env, of, schemas(things), spark)
    with pytest.raises(RunError, match=f"RUN201 table {things.table} does not exist"):
        Register().execute(run)
    rows = frame(spark, "id bigint, value string, changed_at timestamp", (1, "a", None))
    append(target(spark, local_env, things, uri=run.uri(things.table)), rows)
    for _ in range(2):
        Register().execute(run)
    database = names.database(local_env, "silver")
    registered = run.aws.glue.get_table(DatabaseName=database, Name=things.name)["Table"]
    columns = [c["Name"] for c in registered["StorageDescriptor"]["Columns"]]
    assert columns == [name for name, _ in things.stored]


def test_a_database_that_exists_stays(aws_env: Environment) -> None:
    run = run_context(aws_env, job(), schemas())
    for _ in range(2):
        ensure_database(run, "gold")
    assert run.aws.glue.get_database(Name=names.database(aws_env, "gold"))
