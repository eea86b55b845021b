"""A topic of one test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from glue_jobs.observability.secrets import Secrets
from glue_jobs.sources.kafka_offsets import client_settings
from lakehouse.contracts import SourcedContract
from lakehouse.environments import Environment
from tests.glue_jobs.sources.systems import (
    PEOPLE,
    source_contract,
    unique,
)

JAN = date(2017, 1, 31)
GOOD = "1,Ann,2.50,,2017-01-01T00:00:00Z"
MESSAGE_COLUMNS = {
    "kafka_topic": {"type": "string"},
    "kafka_partition": {"type": "integer", "x-lake": {"type": "int"}},
    "kafka_offset": {"type": "integer"},
    "kafka_timestamp": {"type": "string", "format": "date-time"},
}


class Topic:
    """A topic of one test with two partitions."""

    def __init__(self, env: Environment) -> None:
        self.env, self.name = env, unique("people")
        self._facts = client_settings(Secrets(env).get("kafka")).client
        self._admin = AdminClient(self._facts)
        self._admin.create_topics([NewTopic(self.name, num_partitions=2, replication_factor=1)])[
            self.name
        ].result(20)

    @property
    def contract(self) -> SourcedContract:
        return source_contract("kafka", self.name, "csv", {**PEOPLE, **MESSAGE_COLUMNS})

    def send(self, *values: bytes | str | None, partition: int = 0) -> None:
        producer = Producer({**self._facts, "message.max.bytes": 16_000_000})
        for value in values:
            producer.produce(self.name, value=value, partition=partition, timestamp=1_483_228_800_123)
        assert producer.flush(20) == 0

    @contextmanager
    def open_transaction(self, *values: str, commit: bool = True) -> Iterator[None]:
        """Sends messages in a transaction that ends with the block."""
        producer = Producer({**self._facts, "transactional.id": unique("writer")})
        producer.init_transactions(20)
        producer.begin_transaction()
        for value in values:
            producer.produce(self.name, value=value, partition=0)
        assert producer.flush(20) == 0
        yield
        producer.commit_transaction(20) if commit else producer.abort_transaction(20)

    def send_in_transaction(self, *values: str, commit: bool) -> None:
        with self.open_transaction(*values, commit=commit):
            pass

    def forget_before(self, offset: int) -> None:
        for future in self._admin.delete_records([TopicPartition(self.name, 0, offset)]).values():
            future.result(20)

    def make_anew(self) -> None:
        self._admin.delete_topics([self.name])[self.name].result(20)
        for _ in range(50):
            try:
                self._admin.create_topics([NewTopic(self.name, num_partitions=2, replication_factor=1)])[
                    self.name
                ].result(20)
            except Exception:  # the old one is still going
                continue
            return

    def add_partition(self) -> None:
        from confluent_kafka.cimpl import NewPartitions

        self._admin.create_partitions([NewPartitions(self.name, 3)])[self.name].result(20)
