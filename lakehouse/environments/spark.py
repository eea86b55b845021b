"""The settings of every Spark session of the platform. Glue gets them as `--conf`, a laptop when it makes the
session.
"""

from __future__ import annotations

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
