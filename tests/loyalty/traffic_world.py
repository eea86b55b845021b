"""The three pipelines run on one world, and what its tables, topic and PostgreSQL hold.

Engines that are not Spark read them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl
import psycopg
from confluent_kafka import Consumer, Producer, TopicPartition
from deltalake import DeltaTable
from psycopg.sql import SQL, Identifier
from pyspark.sql import SparkSession

from cli.tables.storage import storage_options
from glue_jobs.run_request import RunRequest
from glue_jobs.runner import run_job
from glue_jobs.state.audit import Counts
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment, names
from lakehouse.pipelines import load_pipelines
from lakehouse.pipelines.job_type import JobType
from sample_data.connections import secret
from sample_data.load import load_sample
from sample_data.summary import Summary
from sample_data.topic import Message as Sent
from sample_data.traffic import TOPIC

PIPELINES = ("gap_injection_with_kafka", "kafka_to_lakebase", "kafka_traffic_pipeline")
# Table → what became of its rows in one run of all three pipelines.
Tables = Mapping[str, Counts]


@dataclass(frozen=True)
class Message:
    partition: int
    offset: int
    at: int
    value: bytes


@dataclass
class TrafficWorld:
    env: Environment
    spark: SparkSession
    loads: list[Summary] = field(default_factory=list)
    runs: list[Tables] = field(default_factory=list)
    delivered_again: int = 0

    def load(self, start: date, end: date, dirt: float = 0.0) -> None:
        self.loads.append(load_sample(self.env, start, end, dirt, sets=("traffic",)))

    def run(self, run_date: date) -> None:
        """All three pipelines, job after job in an order that they allow."""
        counts: dict[str, Counts] = {}
        for name in PIPELINES:
            for job in load_pipelines()[name].jobs:
                row = run_job(self.env, load_schemas(), self.spark, RunRequest(job, run_date))
                # A gate counts the rows that it judged.
                counts |= {} if job.type is JobType.GATE else row.tables
        self.runs.append(counts)

    def deliver_again(self, messages: list[Sent]) -> None:
        """As a producer does that did not hear that its messages had arrived."""
        producer = Producer(self._kafka)
        for message in messages:
            producer.produce(TOPIC, value=message.value, key=message.key, timestamp=message.at)
        assert producer.flush(30) == 0
        self.delivered_again += len(messages)

    def messages(self) -> list[Message]:
        """Everything that the topic holds."""
        consumer = Consumer({**self._kafka, "group.id": "loyalty-test"})
        ends = {n: consumer.get_watermark_offsets(TopicPartition(TOPIC, n))[1] for n in range(3)}
        consumer.assign([TopicPartition(TOPIC, n, 0) for n in ends])
        messages = [consumer.poll(10) for _ in range(sum(ends.values()))]
        consumer.close()
        return [
            Message(m.partition() or 0, m.offset() or 0, m.timestamp()[1], m.value() or b"")
            for m in messages
            if m is not None
        ]

    @property
    def _kafka(self) -> dict[str, Any]:
        return {name.replace("_", "."): value for name, value in secret(self.env, "kafka").items()} | {
            "log_level": 3
        }

    def table(self, table: str) -> pl.DataFrame:
        delta = DeltaTable(names.table_uri(self.env, table), storage_options=storage_options(self.env))
        frame = pl.from_arrow(delta.to_pyarrow_table())
        assert isinstance(frame, pl.DataFrame)
        return frame

    def lakebase(self, table: str) -> list[dict[str, Any]]:
        """Every row of gold_db.<table> in PostgreSQL, with the columns of its contract."""
        columns = load_schemas().contracts[f"gold.{table}"].column_names
        with psycopg.connect(**secret(self.env, "postgres")) as connection:
            connection.execute("SET TIME ZONE 'UTC'")
            listed = SQL(", ").join(map(Identifier, columns))
            query = SQL("SELECT {} FROM {}").format(listed, Identifier(names.lakebase_schema("gold"), table))
            return [dict(zip(columns, row, strict=True)) for row in connection.execute(query)]


def parsed(message: Message) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(message.value)
    return value
