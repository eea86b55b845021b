"""The offsets of a topic's partitions at a moment, by the timestamps of messages."""

from __future__ import annotations

from datetime import datetime

from glue_jobs.connections.retry import with_retries
from glue_jobs.sources.kafka_offsets import (
    TIMEOUT_SECONDS,
    Bounds,
    ClientSettings,
    is_down,
    offsets_consumer,
    topic_bounds,
)
from glue_jobs.sources.source import SourceError


def offsets_at(topic: str, settings: ClientSettings, table: str, moment: datetime) -> dict[int, int]:
    """Per partition the first offset whose message is not older than `moment`, its end where there is none.

    Raises SourceError as `topic_bounds` does.
    """
    bounds = topic_bounds(topic, settings, table)
    return with_retries(
        f"Kafka at {settings.client['bootstrap.servers']}",
        lambda: _fetch(topic, settings, bounds, moment),
        is_down=is_down,
        error=SourceError,
        code="RUN101",
    )


def _fetch(
    topic: str, settings: ClientSettings, bounds: dict[int, Bounds], moment: datetime
) -> dict[int, int]:
    from confluent_kafka import TopicPartition

    consumer = offsets_consumer(settings)
    try:
        # The client takes milliseconds where a partition otherwise has its offset.
        stamp = int(moment.timestamp() * 1000)
        requested = [TopicPartition(topic, partition, stamp) for partition in sorted(bounds)]
        answers = consumer.offsets_for_times(requested, timeout=TIMEOUT_SECONDS)
    finally:
        consumer.close()
    # A negative offset stands for the end: no message is that young.
    return {a.partition: a.offset if a.offset >= 0 else bounds[a.partition].end for a in answers}
