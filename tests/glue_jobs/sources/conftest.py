"""A landing zone, a topic, and a table of each warehouse that can be a source."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from glue_jobs.sources.source import Source
from lakehouse.environments import Environment
from tests.glue_jobs.sources.kafka_topic import Topic
from tests.glue_jobs.sources.systems import Landing, WarehouseTable, source_of, table_contract


@pytest.fixture
def landing(local_env: Environment) -> Landing:
    return Landing(local_env)


@pytest.fixture(params=["snowflake", "redshift"])
def table(request: pytest.FixtureRequest, local_env: Environment) -> WarehouseTable:
    return WarehouseTable(local_env, request.param)


@pytest.fixture
def source(spark: SparkSession, local_env: Environment, table: WarehouseTable) -> Source:
    return source_of(spark, local_env, table_contract(table))


@pytest.fixture
def topic(local_env: Environment) -> Topic:
    return Topic(local_env)


@pytest.fixture
def topic_source(spark: SparkSession, local_env: Environment, topic: Topic) -> Source:
    return source_of(spark, local_env, topic.contract)
