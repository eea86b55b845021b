"""A local platform with a full topic of real traffic events, on which streams are compared."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import typer

from lakehouse.environments import Environment, load_environment
from lakehouse.environments.reader import OVERLAY

FIRST = date(2017, 1, 1)
TOPIC = "traffic_events"
LIMIT = "max_offsets_per_trigger"


@dataclass
class StreamBench:
    """A full topic and the jobs that read it. `max_messages` of a micro-batch; None keeps the job's limit."""

    env: Environment
    spark: Any
    max_messages: int | None
    messages: int
    schemas: Any
    pipelines: Any

    def empty(self, uri: str) -> None:
        from benchmarks.bench_tables import empty

        empty(self.env, self.spark, uri)

    def engine(self, pipeline: str, table: str) -> None:
        """Run the deployed job for one of its tables, with lease, audit and lineage."""
        from glue_jobs.run_request import RunRequest
        from glue_jobs.runner import run_job

        job = self.pipelines[pipeline].jobs[0]
        job = replace(job, procs=tuple(p for p in job.procs if table in p.writes), writes=(table,))
        params = tuple(
            replace(p, value=str(self.batch(pipeline))) if p.name == LIMIT else p for p in job.params
        )
        job = replace(job, params=params)
        run_job(self.env, self.schemas, self.spark, RunRequest(job, FIRST))

    def batch(self, pipeline: str) -> int:
        """Greatest number of messages in a micro-batch, for both sides."""
        return self.max_messages or int(
            next(p.value for p in self.pipelines[pipeline].jobs[0].params if p.name == LIMIT)
        )

    def read_topic(self, max_messages: int) -> Any:
        from glue_jobs.observability.secrets import Secrets
        from glue_jobs.sources.kafka_offsets import client_settings

        servers = client_settings(Secrets(self.env).get("kafka")).spark
        options = {f"kafka.{name}": value for name, value in servers.items()}
        options |= {
            "subscribe": TOPIC,
            "startingOffsets": "earliest",
            "maxOffsetsPerTrigger": str(max_messages),
        }
        return self.spark.readStream.format("kafka").options(**options).load()


@contextmanager
def stream_bench(months: int, max_messages: int | None) -> Iterator[StreamBench]:
    from local_aws.local_platform import local_platform

    with (
        tempfile.TemporaryDirectory() as folder,
        local_platform(
            load_environment("local"), Path(folder) / "platform", only=["aws", "kafka", "postgres"]
        ) as overlay,
    ):
        os.environ[OVERLAY] = str(overlay)
        from glue_jobs.session import spark_session
        from lakehouse.contracts import load_schemas
        from lakehouse.pipelines import load_pipelines
        from sample_data import traffic

        env = load_environment("local")
        typer.echo("messages …", err=True)
        counts, _ = traffic.load(env, FIRST, date(2017, months, 28), 0.0, 1)
        spark = spark_session(env)
        yield StreamBench(env, spark, max_messages, sum(counts.values()), load_schemas(), load_pipelines())
        spark.stop()
