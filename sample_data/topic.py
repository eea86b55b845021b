"""Sends messages to Kafka, each as often as it is missing there; of its own the order events: one CSV message
per basket, key = order_id.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import stamina
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from lakehouse.environments import Environment
from sample_data.connections import secret
from sample_data.dataset import iso, since, until
from sample_data.dirt import dirty_lines
from sample_data.rules import Row
from sample_data.summary import DirtCount

TOPIC = "order_events"
PARTITIONS = 3
COLUMNS = (
    "event_id",
    "order_id",
    "customer_id",
    "store_id",
    "event_type",
    "line_count",
    "total_amount",
    "currency",
    "event_ts",
)
SECONDS = 30
# Of syslog's levels: a broker that is just up is worth several warnings to the client, none to a user.
ERRORS = 3
PASSING = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
)


@dataclass(frozen=True)
class Message:
    """One message; `at` in milliseconds since 1970; a tombstone has no value."""

    key: bytes
    value: bytes | None
    at: int


def messages(events: pl.DataFrame, dirt: float, seed: int) -> tuple[list[Message], list[DirtCount]]:
    """The clean messages in the order of their time, then the dirt."""
    placed = [(_key_and_time(row), {**row, "event_ts": iso(row["event_ts"])}) for row in events.to_dicts()]
    bad, counts = dirty_lines("kafka_events", placed, csv_line, dirt, seed)
    clean = [(key_and_time, csv_line(row)) for key_and_time, row in placed]
    return [Message(key, value, at) for (key, at), value in [*clean, *bad]], counts


def send(env: Environment, messages: list[Message], start: date, end: date, topic: str = TOPIC) -> int:
    """Sends what the topic does not hold yet and returns how many that were.

    All messages have a timestamp in the days [start, end].

    Kafka has no delete-and-insert: sending a range again would double it, and a load killed half-way would
    leave a part. So the topic is read first, and each message is sent as often as it is missing.
    """
    # The secret spells the client's settings with underscores.
    facts = {name.replace("_", "."): value for name, value in secret(env, env.kafka.secret).items()} | {
        "log_level": ERRORS
    }
    is_new = _create(facts, topic)
    present: Counter[Message] = Counter(
        () if is_new else _held(facts, topic, millis(since(start)), millis(until(end)))
    )
    missing = []
    for message in messages:
        if present[message]:
            present[message] -= 1
        else:
            missing.append(message)
    _produce(facts, topic, missing)
    return len(missing)


def csv_line(row: Row) -> bytes:
    """RFC 4180: quoted where needed, no header, no line end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([row[name] for name in COLUMNS])
    return text.getvalue().encode()


def _key_and_time(row: Row) -> tuple[bytes, int]:
    return str(row["order_id"]).encode(), millis(row["event_ts"])


def millis(moment: datetime) -> int:
    """Since 1970, of a naive UTC timestamp."""
    return int(moment.replace(tzinfo=UTC).timestamp() * 1000)


def _create(facts: dict[str, Any], topic: str) -> bool:
    """False if the topic is there already."""
    # The events are of 2017: with Kafka's usual seven days they would be deleted as soon as they arrive.
    definition = NewTopic(
        topic, num_partitions=PARTITIONS, replication_factor=1, config={"retention.ms": "-1"}
    )
    admin = AdminClient(facts)
    try:
        admin.create_topics([definition], request_timeout=SECONDS)[topic].result()
    except KafkaException as fault:
        if fault.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        raise
    return True


def _held(facts: dict[str, Any], topic: str, first: int, last: int) -> Iterator[Message]:
    """Every message of the topic with a timestamp in [first, last)."""
    consumer = Consumer({**facts, "group.id": "sample-load", "enable.auto.commit": False})
    try:
        left = _unread(consumer, topic, first)
        while left:
            # One by one: `consume(n)` waits for all n, and the last ones never come.
            message = consumer.poll(SECONDS)
            if message is None:
                raise TimeoutError(f"Kafka topic {topic} sent nothing for {SECONDS} s")
            if fault := message.error():
                raise KafkaException(fault)
            partition, offset, at = message.partition() or 0, message.offset() or 0, message.timestamp()[1]
            if offset + 1 >= left.get(partition, 0):
                left.pop(partition, None)
            if first <= at < last:
                yield Message(message.key() or b"", message.value(), at)
    finally:
        consumer.close()


def _is_passing(fault: Exception) -> bool:
    """A partition has no leader in the moment after its topic was made."""
    return isinstance(fault, KafkaException) and fault.args[0].code() in PASSING


@stamina.retry(on=_is_passing, attempts=10, timeout=SECONDS)
def _unread(consumer: Consumer, topic: str, first: int) -> dict[int, int]:
    """Puts the consumer at the first message of each partition that is not before `first` and returns the end
    of each that holds such.
    """
    partitions = sorted(consumer.list_topics(topic, timeout=SECONDS).topics[topic].partitions)
    ends = {
        number: consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=SECONDS)[1]
        for number in partitions
    }
    # All messages before that place are older, in whatever order they came: a year is loaded month by month
    # without reading the year each time.
    begins = consumer.offsets_for_times(
        [TopicPartition(topic, number, first) for number in partitions], timeout=SECONDS
    )
    for position in begins:
        if position.error:
            raise KafkaException(position.error)
    reachable = [position for position in begins if 0 <= position.offset < ends[position.partition]]
    consumer.assign(reachable)
    return {position.partition: ends[position.partition] for position in reachable}


def _produce(facts: dict[str, Any], topic: str, messages: list[Message]) -> None:
    faults: list[str] = []

    def delivered(fault: KafkaError | None, _: Any) -> None:
        if fault:
            faults.append(str(fault))

    producer = Producer(
        {**facts, "enable.idempotence": True, "linger.ms": 50, "queue.buffering.max.messages": 1_000_000}
    )
    for message in messages:
        producer.produce(
            topic, value=message.value, key=message.key, timestamp=message.at, on_delivery=delivered
        )
        producer.poll(0)
    unsent = producer.flush(SECONDS)
    if unsent or faults:
        raise ConnectionError(
            f"Kafka topic {topic}: {unsent + len(faults)} of {len(messages)} messages not delivered; "
            f"first: {faults[:1]}"
        )
