"""The settings of every Spark session of the platform. Glue gets them as `--conf`, a laptop when it makes the
session.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lakehouse.environments.model import Environment

COMMON = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.delta.logStore.s3.impl": "io.delta.storage.S3SingleDriverLogStore",
    "spark.sql.session.timeZone": "UTC",
    # `${…}` in a query is text, never a setting or an environment variable.
    "spark.sql.variable.substitute": "false",
    "spark.sql.sources.partitionOverwriteMode": "static",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    # Stores times before 1900 and days before 1582 without rebasing; by default Spark refuses to write them.
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInWrite": "CORRECTED",
    # Several readers of gold cannot read timestamps without a zone.
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.databricks.delta.schema.autoMerge.enabled": "false",
    # A small table needs neither 50 tasks to read its log nor a checkpoint every tenth commit.
    "spark.databricks.delta.snapshotPartitions": "2",
    # A landing zone is many small folders; with fewer tasks Spark lists them one by one.
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "8",
    "spark.sql.adaptive.coalescePartitions.minPartitionSize": "8MB",
}

# A size of an environment's `spark`, or a parameter of a job of the same name → the settings that follow it.
TUNING: Mapping[str, tuple[str, ...]] = {
    "broadcast_threshold_mb": (
        "spark.sql.autoBroadcastJoinThreshold",
        "spark.sql.adaptive.autoBroadcastJoinThreshold",
    ),
    "partition_size_mb": (
        "spark.sql.adaptive.advisoryPartitionSizeInBytes",
        "spark.sql.files.maxPartitionBytes",
    ),
    "skew_factor": ("spark.sql.adaptive.skewJoin.skewedPartitionFactor",),
    "skew_partition_mb": ("spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes",),
}


def settings(env: Environment) -> dict[str, str]:
    """The settings of a Spark of this environment, whatever provides it."""
    partitions = env.spark.shuffle_partitions
    shuffle = {"spark.sql.shuffle.partitions": str(partitions)} if partitions else {}
    return {**COMMON, **tuning(env.spark.model_dump(include=set(TUNING))), **shuffle}


def tuning(sizes: Mapping[str, Any]) -> dict[str, str]:
    """The settings of those of `sizes` that are names of `TUNING`. Spark broadcasts nothing below -1."""
    return {
        setting: _size(name, int(sizes[name]))
        for name, of_name in TUNING.items()
        if name in sizes
        for setting in of_name
    }


def _size(name: str, value: int) -> str:
    if name == "broadcast_threshold_mb" and value == 0:
        return "-1"
    return f"{value}MB" if name.endswith("_mb") else str(value)
