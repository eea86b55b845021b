"""Where a topic begins and ends, and how much of it one run takes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glue_jobs.connections.retry import patiently
from glue_jobs.sources.source import Position, SourceError

if TYPE_CHECKING:
    from confluent_kafka import Consumer

SECONDS = 6.0


@dataclass(frozen=True)
class Bounds:
    """The first offset that a partition still holds, and the one after its last."""

    begin: int
    end: int


@dataclass(frozen=True)
class Settings:
    """How to reach the brokers: for librdkafka, and for Spark's Java client. Neither shows its values."""

    client: dict[str, str]
    spark: dict[str, str]

    def __repr__(self) -> str:
        return f"Settings({', '.join(sorted(self.client))})"


def client_settings(facts: dict[str, str]) -> Settings:
    """From the secret: bootstrap_servers, security_protocol, and for SASL sasl_mechanism, username and password."""
    shared = {name: facts[key] for key, name in _NAMES.items() if key in facts}
    if "username" not in facts:
        return Settings(shared, shared)
    module = (
        "plain.PlainLoginModule"
        if facts.get("sasl_mechanism", "PLAIN") == "PLAIN"
        else "scram.ScramLoginModule"
    )
    user, password = (
        facts[key].replace("\\", "\\\\").replace('"', '\\"') for key in ("username", "password")
    )
    jaas = f'org.apache.kafka.common.security.{module} required username="{user}" password="{password}";'
    return Settings(
        {**shared, "sasl.username": facts["username"], "sasl.password": facts["password"]},
        {**shared, "sasl.jaas.config": jaas},
    )


_NAMES = {
    "bootstrap_servers": "bootstrap.servers",
    "security_protocol": "security.protocol",
    "sasl_mechanism": "sasl.mechanism",
}


def topic_bounds(topic: str, settings: Settings, table: str) -> dict[int, Bounds]:
    """Bounds of each partition. Raises SourceError: the brokers are down (RUN101), or have no such topic (RUN103)."""
    where = f"Kafka at {settings.client['bootstrap.servers']}"
    found = patiently(where, lambda: _ask(topic, settings), is_down=is_down, error=SourceError, code="RUN101")
    if not found:
        raise SourceError(f"{table}: {where} has no topic '{topic}'", code="RUN103")
    return found


def is_down(reason: Exception) -> bool:
    from confluent_kafka import KafkaError, KafkaException

    down = (
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT,
        KafkaError._RESOLVE,
        KafkaError.LEADER_NOT_AVAILABLE,
        # The broker is electing one, as after its restart or for a new topic.
        KafkaError.NOT_LEADER_FOR_PARTITION,
    )
    return isinstance(reason, KafkaException) and reason.args[0].code() in down


def _ask(topic: str, settings: Settings) -> dict[int, Bounds]:
    from confluent_kafka import Consumer, KafkaException, TopicPartition

    silent = logging.getLogger(f"{__name__}.client")
    # Every refused connection would be a line of its own.
    silent.setLevel(logging.CRITICAL)
    # Asking for a topic must not make it: a typing error would be an empty source for ever.
    consumer: Consumer = Consumer(
        {
            **settings.client,
            "group.id": "lakehouse-offsets",
            "enable.auto.commit": False,
            "allow.auto.create.topics": False,
        },
        logger=silent,
    )
    try:
        # All topics are listed because a broker may make one that is asked for by name.
        there = consumer.list_topics(timeout=SECONDS).topics.get(topic)
        if there is None:
            return {}
        if there.error is not None:
            raise KafkaException(there.error)
        bounds = {
            p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=SECONDS)
            for p in there.partitions
        }
        return {p: Bounds(low, high) for p, (low, high) in bounds.items()}
    finally:
        consumer.close()


def offsets_of(position: Position) -> dict[int, int]:
    return {int(partition): int(offset) for partition, offset in (position or {}).get("offsets", {}).items()}


def limited(start: dict[int, int], end: dict[int, int], most: int) -> dict[int, int]:
    """Where to stop: at the end, or after `most` messages in all, shared out by how much each partition has waiting; one each at least."""
    waiting = {p: end[p] - start[p] for p in start}
    total = sum(waiting.values())
    if total <= most:
        return {p: end[p] for p in start}
    return {p: start[p] + min(n, max(min(n, 1), most * n // total)) for p, n in waiting.items()}
