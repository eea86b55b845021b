"""The newest messages of a topic, read without a trace: no offset is committed, no topic is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glue_jobs.observability.secrets import Secrets
from glue_jobs.sources.kafka_offsets import (
    TIMEOUT_SECONDS,
    Bounds,
    ClientSettings,
    client_settings,
    messages_consumer,
    topic_bounds,
)
from glue_jobs.sources.source import SourceError
from lakehouse.environments import Environment

if TYPE_CHECKING:
    from confluent_kafka import Message


# The key and the value of a message.
Pair = tuple[bytes | None, bytes | None]


def newest_messages(env: Environment, topic: str, table: str, most: int) -> tuple[list[Pair], bool]:
    """(at most so many messages, an equal share of each partition; whether they are all).

    Raises SourceError: brokers down (RUN101), no such topic (RUN103); SecretError.
    """
    settings = client_settings(Secrets(env).get(env.kafka.secret))
    bounds = {p: b for p, b in topic_bounds(topic, settings, table).items() if b.end > b.begin}
    if not bounds:
        return [], True
    share = max(1, most // len(bounds))
    starts = {p: max(b.begin, b.end - share) for p, b in bounds.items()}
    messages = _messages(topic, settings, bounds, starts)[:most]
    return messages, all(starts[p] == b.begin for p, b in bounds.items())


def _messages(
    topic: str, settings: ClientSettings, bounds: dict[int, Bounds], starts: dict[int, int]
) -> list[Pair]:
    from confluent_kafka import TopicPartition

    consumer = messages_consumer(settings)
    messages: list[Pair] = []
    unread = set(bounds)
    try:
        consumer.assign([TopicPartition(topic, p, offset) for p, offset in starts.items()])
        while unread:
            message = consumer.poll(TIMEOUT_SECONDS)
            if message is None:
                raise SourceError(f"topic '{topic}' sends nothing for {TIMEOUT_SECONDS:g} s", code="RUN101")
            partition = int(message.partition() or 0)
            if _is_end(message, topic) or int(message.offset() or 0) >= bounds[partition].end:
                unread.discard(partition)
            else:
                messages.append((_bytes(message.key()), _bytes(message.value())))
                if int(message.offset() or 0) == bounds[partition].end - 1:
                    unread.discard(partition)
    finally:
        consumer.close()
    return messages


def _is_end(message: Message, topic: str) -> bool:
    from confluent_kafka import KafkaError

    error = message.error()
    if error is None:
        return False
    if error.code() == KafkaError._PARTITION_EOF:
        return True
    raise SourceError(f"topic '{topic}' cannot be read: {error.name()}", code="RUN101")


def _bytes(value: bytes | str | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
