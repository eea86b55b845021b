"""A published table in each of the warehouses, and the Lakebase."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from lakehouse.environments import Environment
from tests.glue_jobs.warehouses.lakebase import Lakebase
from tests.glue_jobs.warehouses.published import Published


@pytest.fixture(params=["redshift", "snowflake"])
def published(request: pytest.FixtureRequest, spark: SparkSession, local_env: Environment) -> Published:
    return Published(local_env, spark, request.param)


@pytest.fixture
def lakebase(spark: SparkSession, local_env: Environment) -> Lakebase:
    return Lakebase(local_env, spark)
