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
    window: BackfillWindow | None = None,
) -> Source:
    """The source that the contract names.

    It may put files below `staging_uri`, which the runner deletes after the run. With the `window` of a
    backfill only its days are read: a warehouse's rows by their watermark, files by the day of their folder,
    messages by their timestamp.
    """
    kind = contract.source.kind
    if kind == "landing":
        if window is None:
            return Landing(contract, env, spark, aws)
        files = Landing(contract, env, spark, aws, (window.first, window.last))
        return WindowedSource(files, lambda: None, window.last)
    source = (
        Kafka(contract, env, spark, secrets, by_time=window is not None)
        if kind == "kafka"
        else _incremental(contract, env, spark, secrets, aws, staging_uri)
    )
    if window is None:
        return source
    first = window.first
    return WindowedSource(source, lambda: source.before(first), window.last)


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
