"""A topic, a table and a job of one test's own, on the real broker."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from pyspark.sql import SparkSession

from cli.quarantine.rows import first_rows, quarantined_rows
from glue_jobs.aws import clients
from glue_jobs.job_types.stream import Stream
from glue_jobs.observability.secrets import Secrets
from glue_jobs.run_context import RunContext
from glue_jobs.sources.kafka_offsets import client_settings
from lakehouse.contracts import Contract, Schemas
from lakehouse.environments import Environment, names, prefixes
from lakehouse.pipelines import Job
from lakehouse.pipelines.model import Proc, Retry
from lakehouse.pipelines.params import Param
from tests.glue_jobs.builders import contract
from tests.glue_jobs.streaming.topic_rows import COLUMNS, DAY, MESSAGE_COLUMNS, proc


@dataclass
class TopicHarness:
    """`table` is filled from `topic`, which has two partitions."""

    env: Environment
    spark: SparkSession
    partitions: int = 2
    name: str = field(default_factory=lambda: f"feed_{uuid.uuid4().hex[:8]}")

    def __post_init__(self) -> None:
        self.client = client_settings(Secrets(self.env).get("kafka")).client
        self.admin = AdminClient(self.client)
        self.admin.create_topics([NewTopic(self.name, num_partitions=self.partitions, replication_factor=1)])[
            self.name
        ].result(20)

    def contract(
        self,
        layer: str = "bronze",
        columns: Mapping[str, Any] | None = None,
        form: str = "json_lines",
        **lake: Any,
    ) -> Contract:
        source = {"kind": "kafka", "object": self.name, "format": form, "system": "feed"}
        return contract(
            f"{layer}.{self.name}",
            dict(columns or {**COLUMNS, **MESSAGE_COLUMNS}),
            **{"write": "append", "source": source, **lake},
        )

    def send(self, *values: dict[str, Any] | bytes | str | None, partition: int = 0) -> None:
        producer = Producer({**self.client, "message.max.bytes": 16_000_000})
        for value in values:
            body = json.dumps(value) if isinstance(value, dict) else value
            producer.produce(self.name, value=body, partition=partition, timestamp=1_483_228_800_123)
        assert producer.flush(20) == 0

    def job(self, *contracts: Contract, procs: tuple[Proc, ...] = (), **params: str) -> Job:
        tables = tuple(c.table for c in contracts)
        all_procs = procs or tuple(proc(f"fill_{t.replace('.', '_')}", t) for t in tables)
        all_params = tuple(Param(n, v, "int" if v.isdigit() else "string", False) for n, v in params.items())
        return Job(
            "S1",
            self.name,
            "feeds",
            "streaming",
            "continuous",
            "tests",
            ("local",),
            "",
            Retry(0, 0),
            "#x",
            (),
            all_procs,
            all_params,
            (),
            tables,
        )

    def context(self, job: Job, *contracts: Contract, env: Environment | None = None) -> RunContext:
        world = env or self.env
        values = {p.name: int(p.value) if p.type == "int" else p.value for p in job.params}
        return RunContext(
            world,
            job,
            Schemas({c.table: c for c in contracts}, {}),
            DAY,
            str(uuid.uuid4()),
            "trace",
            self.spark,
            values,
            Secrets(world),
            clients(world),
            logging.getLogger("feed"),
        )

    def drain(self, *contracts: Contract, env: Environment | None = None, **params: str) -> RunContext:
        """What there is, in one application."""
        job = self.job(*contracts, **params)
        run = self.context(job, *contracts, env=env)
        Stream.of(job).execute(run)
        return run

    def table(self, of: Contract) -> Any:
        """The table as delta-rs reads it, which is no part of what wrote it."""
        from deltalake import DeltaTable

        aws = self.env.aws
        options = {
            "AWS_ENDPOINT_URL": str(aws.endpoint),
            "AWS_ACCESS_KEY_ID": str(aws.access_key),
            "AWS_SECRET_ACCESS_KEY": str(aws.secret_key),
            "AWS_REGION": self.env.region,
            "AWS_ALLOW_HTTP": "true",
            "AWS_S3_ALLOW_UNSAFE_RENAME": "true",
        }
        return DeltaTable(names.table_uri(self.env, of.table), storage_options=options)

    def lane(self, of: Contract) -> list[dict[str, Any]]:
        return sorted(
            first_rows(self.env, quarantined_rows(self.env, of.table), 1000),
            key=lambda r: str(r["source_position"]),
        )

    def reasons(self, of: Contract) -> dict[str, list[str]]:
        """Place in the topic, without its name → reasons."""
        return {r["source_position"].removeprefix(self.name): r["reasons"] for r in self.lane(of)}

    def forget(self, of: Contract, *names_: str) -> None:
        """Takes files out of a table's checkpoint: what a kill before they were written leaves behind."""
        s3, bucket = clients(self.env).s3, names.bucket(self.env, names.Zone.CHECKPOINTS)
        for name in names_:
            s3.delete_object(Bucket=bucket, Key=f"{prefixes.checkpoint(self.name, self.task(of))}/{name}")

    def task(self, of: Contract) -> str:
        return f"fill_{of.table.replace('.', '_')}"

    def forget_before(self, offset: int) -> None:
        for future in self.admin.delete_records([TopicPartition(self.name, 0, offset)]).values():
            future.result(20)

    def transaction(self, *values: dict[str, Any], commit: bool = True) -> None:
        """Messages and the control record that ends them."""
        producer = Producer({**self.client, "transactional.id": uuid.uuid4().hex})
        producer.init_transactions(20)
        producer.begin_transaction()
        for value in values:
            producer.produce(self.name, value=json.dumps(value), partition=0)
        producer.flush(20)
        before = self.end
        (producer.commit_transaction if commit else producer.abort_transaction)(20)
        while self.end == before:
            # The broker writes the control record on its own time.
            producer.poll(0.05)

    @property
    def end(self) -> int:
        """The next offset of partition 0, control records counted."""
        consumer = Consumer({**self.client, "group.id": "tests", "isolation.level": "read_uncommitted"})
        try:
            return int(consumer.get_watermark_offsets(TopicPartition(self.name, 0), timeout=20)[1])
        finally:
            consumer.close()

    def rows(self, of: Contract, *columns: str) -> list[tuple[Any, ...]]:
        """Sorted."""
        stored = self.table(of).to_pyarrow_table(columns=list(columns)).to_pylist()
        return sorted((tuple(r[c] for c in columns) for r in stored), key=str)
