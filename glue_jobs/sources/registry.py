"""Creates the source that a contract names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glue_jobs.sources.incremental import IncrementalTable
from glue_jobs.sources.kafka import Kafka
from glue_jobs.sources.landing import Landing
from glue_jobs.sources.redshift import RedshiftTable
from glue_jobs.sources.snowflake import SnowflakeTable
from glue_jobs.sources.source import Source
from glue_jobs.sources.window import WindowedSource
from lakehouse.contracts import SourcedContract
from lakehouse.environments.model import Environment
from lakehouse.pipelines.backfill import BackfillWindow

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from glue_jobs.aws import Aws
    from glue_jobs.observability.secrets import Secrets


def source_for(
    contract: SourcedContract,
    env: Environment,
    spark: SparkSession,
    secrets: Secrets,
    aws: Aws,
    staging_uri: str,
) -> Source:
    """The source that the contract names.

    It may put files below `staging_uri`, which the runner deletes after the run.
    """
    kind = contract.source.kind
    if kind == "landing":
        return Landing(contract, env, spark, aws)
    if kind == "kafka":
        return Kafka(contract, env, spark, secrets)
    return _incremental(contract, env, spark, secrets, aws, staging_uri)


def windowed_source_for(
    window: BackfillWindow,
    contract: SourcedContract,
    env: Environment,
    spark: SparkSession,
    secrets: Secrets,
    aws: Aws,
    staging_uri: str,
) -> WindowedSource:
    """The source that the contract names, of which only the days of a backfill are read.

    A warehouse's rows by their watermark, files by the day of their folder, messages by their timestamp.
    """
    kind, first, last = contract.source.kind, window.first, window.last
    if kind == "landing":
        return WindowedSource(Landing(contract, env, spark, aws, (first, last)), lambda: None, last)
    if kind == "kafka":
        kafka = Kafka(contract, env, spark, secrets, by_time=True)
        return WindowedSource(kafka, lambda: kafka.before(first), last)
    table = _incremental(contract, env, spark, secrets, aws, staging_uri)
    return WindowedSource(table, lambda: table.before(first), last)


def _incremental(
    contract: SourcedContract,
    env: Environment,
    spark: SparkSession,
    secrets: Secrets,
    aws: Aws,
    staging_uri: str,
) -> IncrementalTable:
    if contract.source.kind == "snowflake":
        return IncrementalTable(contract, SnowflakeTable(contract, env, spark, secrets, staging_uri))
    return IncrementalTable(contract, RedshiftTable(contract, env, spark, secrets, aws, staging_uri))
