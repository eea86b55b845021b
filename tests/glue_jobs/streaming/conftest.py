"""A topic and its table for each test."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from lakehouse.environments import Environment
from tests.glue_jobs.streaming.topic_harness import TopicHarness


@pytest.fixture
def feed(local_env: Environment, spark: SparkSession) -> TopicHarness:
    return TopicHarness(local_env, spark)
