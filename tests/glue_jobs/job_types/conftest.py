"""A bronze and a silver table of its own for each test of a job type."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from lakehouse.environments import Environment
from tests.glue_jobs.job_types.ingest_harness import IngestHarness


@pytest.fixture
def harness(local_env: Environment, spark: SparkSession) -> IngestHarness:
    return IngestHarness(local_env, spark)
