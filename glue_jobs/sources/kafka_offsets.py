"""The first and last offsets of a topic's partitions, and how many of them one run reads."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glue_jobs.connections.retry import with_retries
from glue_jobs.sources.source import Position, SourceError

if TYPE_CHECKING:
    from confluent_kafka import Consumer

# The client is imported where it is used: its import is slow, and most runs do not need it.

TIMEOUT_SECONDS = 6.0
_NAMES = {
    "bootstrap_servers": "bootstrap.servers",
    "security_protocol": "security.protocol",
    "sasl_mechanism": "sasl.mechanism",
}


@dataclass(frozen=True)
class Bounds:
    """The first offset that a partition still has, and the offset after its last committed message."""

    begin: int
    end: int


@dataclass(frozen=True)
class ClientSettings:
    """How to reach the brokers: settings of librdkafka and of Spark's client. The repr shows no values."""

    client: dict[str, str]
    spark: dict[str, str]

    def __repr__(self) -> str:
        return f"ClientSettings({', '.join(sorted(self.client))})"


def client_settings(secret: dict[str, str]) -> ClientSettings:
    """Settings from the secret: bootstrap_servers, security_protocol, sasl_mechanism, username, password."""
    shared = {name: secret[key] for key, name in _NAMES.items() if key in secret}
    if "username" not in secret:
        return ClientSettings(shared, shared)
    module = (
        "plain.PlainLoginModule"
        if secret.get("sasl_mechanism", "PLAIN") == "PLAIN"
        else "scram.ScramLoginModule"
    )
    user, password = (
        secret[key].replace("\\", "\\\\").replace('"', '\\"') for key in ("username", "password")
    )
    jaas = f'org.apache.kafka.common.security.{module} required username="{user}" password="{password}";'
    return ClientSettings(
        {**shared, "sasl.username": secret["username"], "sasl.password": secret["password"]},
        {**shared, "sasl.jaas.config": jaas},
    )


def topic_bounds(topic: str, settings: ClientSettings, table: str) -> dict[int, Bounds]:
    """Bounds of each partition. Raises SourceError: brokers down (RUN101), or no such topic (RUN103)."""
    brokers = f"Kafka at {settings.client['bootstrap.servers']}"
    bounds = with_retries(
        brokers, lambda: _fetch_bounds(topic, settings), is_down=is_down, error=SourceError, code="RUN101"
    )
    if not bounds:
        raise SourceError(f"{table}: {brokers} has no topic '{topic}'", code="RUN103")
    return bounds


def topic_id(topic: str, settings: ClientSettings, table: str) -> str:
    """The id that the brokers gave the topic: one that is deleted and made anew has another.

    Empty where the brokers are older than these ids (Kafka 2.8). Raises SourceError as `topic_bounds` does.
    """
    brokers = f"Kafka at {settings.client['bootstrap.servers']}"
    return with_retries(
        brokers, lambda: _fetch_id(topic, settings), is_down=is_down, error=SourceError, code="RUN101"
    )


def require_same_topic(label: str, read: str, current: str, remedy: str) -> None:
    """Raises SourceError (RUN144) unless the topic is the one that was read; an empty id is unknown.

    `remedy`: what to do, for the message.
    """
    if read and current and read != current:
        raise SourceError(
            f"{label} was deleted and made anew: it was read as {read} and is {current} now, so the "
            f"offsets that were read say nothing about it; {remedy}",
            code="RUN144",
        )


def is_down(reason: Exception) -> bool:
    """Whether the brokers do not answer, or have no leader yet; a refusal is an answer."""
    from confluent_kafka import KafkaError, KafkaException

    down = (
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT,
        KafkaError._RESOLVE,
        KafkaError.LEADER_NOT_AVAILABLE,
        # The brokers elect a leader, as after a restart or for a new topic.
        KafkaError.NOT_LEADER_FOR_PARTITION,
    )
    return isinstance(reason, KafkaException) and reason.args[0].code() in down


def _fetch_id(topic: str, settings: ClientSettings) -> str:
    from confluent_kafka import KafkaError, KafkaException, TopicCollection
    from confluent_kafka.admin import AdminClient

    admin = AdminClient({**settings.client, "allow.auto.create.topics": False}, logger=_silent())
    described = admin.describe_topics(TopicCollection([topic]), request_timeout=TIMEOUT_SECONDS)
    try:
        uuid = described[topic].result().topic_id
    except KafkaException as error:
        if error.args[0].code() in (KafkaError._UNSUPPORTED_FEATURE, KafkaError.UNKNOWN_TOPIC_OR_PART):
            return ""
        raise
    bits = uuid.get_most_significant_bits(), uuid.get_least_significant_bits()
    return str(uuid) if any(bits) else ""


def _silent() -> logging.Logger:
    """librdkafka logs a line for every refused connection."""
    silent = logging.getLogger(f"{__name__}.client")
    silent.setLevel(logging.CRITICAL)
    return silent


def offsets_consumer(settings: ClientSettings) -> Consumer:
    """A consumer that asks for offsets and reads no message."""
    return _consumer(settings, {})


def messages_consumer(settings: ClientSettings) -> Consumer:
    """A consumer that says when a partition is at its end."""
    return _consumer(settings, {"enable.partition.eof": True})


def _consumer(settings: ClientSettings, more: dict[str, bool]) -> Consumer:
    from confluent_kafka import Consumer

    # A request for a topic must not create it: a misspelt topic would be an empty source for ever.
    return Consumer(
        {
            **settings.client,
            "group.id": "lakehouse-offsets",
            "enable.auto.commit": False,
            "allow.auto.create.topics": False,
            # The end of a partition is then that of its last transaction that has ended.
            "isolation.level": "read_committed",
            **more,
        },
        logger=_silent(),
    )


def _fetch_bounds(topic: str, settings: ClientSettings) -> dict[int, Bounds]:
    from confluent_kafka import KafkaException, TopicPartition

    consumer = offsets_consumer(settings)
    try:
        # All topics are listed, because a broker may create a topic that a request names.
        metadata = consumer.list_topics(timeout=TIMEOUT_SECONDS).topics.get(topic)
        if metadata is None:
            return {}
        if metadata.error is not None:
            raise KafkaException(metadata.error)
        bounds = {
            p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=TIMEOUT_SECONDS)
            for p in metadata.partitions
        }
        return {p: Bounds(low, high) for p, (low, high) in bounds.items()}
    finally:
        consumer.close()


def offsets_of(position: Position) -> dict[int, int]:
    """Partition → next offset to read; empty before the first read."""
    return {int(partition): int(offset) for partition, offset in (position or {}).get("offsets", {}).items()}


def limit_offsets(start: dict[int, int], end: dict[int, int], max_messages: int) -> dict[int, int]:
    """Where to stop: at the end, or after about `max_messages` in all.

    Each partition gets a share by the number of messages that wait in it, and at least one where any waits.
    """
    waiting = {p: end[p] - start[p] for p in start}
    total = sum(waiting.values())
    if total <= max_messages:
        return {p: end[p] for p in start}
    return {p: start[p] + min(n, max(min(n, 1), max_messages * n // total)) for p, n in waiting.items()}
