"""What CloudWatch is told of a running query."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pyspark.sql import SparkSession

from glue_jobs.aws import clients
from glue_jobs.streaming.progress_metrics import ProgressMetrics
from lakehouse.environments import names
from lakehouse.environments.metric_names import LAG
from tests.glue_jobs.streaming.topic_harness import TopicHarness


def test_a_query_that_stands_says_nothing_more(
    feed: TopicHarness, spark: SparkSession, tmp_path: Path
) -> None:
    bronze = feed.contract()
    job = feed.job(bronze)
    metrics = ProgressMetrics(feed.context(job, bronze))
    rows = spark.readStream.format("rate-micro-batch").option("rowsPerBatch", 1).load()
    query = (
        rows.writeStream.format("noop")
        .option("checkpointLocation", str(tmp_path))
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    for _ in range(3):
        metrics.sample(bronze.table, query, now=True)
        metrics.send(now=True)
    statistics = clients(feed.env).cloudwatch.get_metric_statistics(
        Namespace=names.metrics_namespace(feed.env),
        MetricName=LAG,
        Dimensions=[
            {"Name": n, "Value": v}
            for n, v in (("job", job.name), ("environment", feed.env.name), ("table", bronze.table))
        ],
        StartTime=datetime.now(UTC) - timedelta(hours=1),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
        Period=7200,
        Statistics=["SampleCount"],
    )
    assert sum(point["SampleCount"] for point in statistics["Datapoints"]) == 1
