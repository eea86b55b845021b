"""The broker answers through Kafka's own client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confluent_kafka import Consumer, Producer

Secret = Callable[[str], dict[str, Any]]


def test_a_message_comes_back_as_it_was_sent(secret: Secret) -> None:
    servers = secret("kafka")["bootstrap_servers"]
    producer = Producer({"bootstrap.servers": servers})
    producer.produce("probe", b"one,two")
    assert producer.flush(20) == 0
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "probe", "auto.offset.reset": "earliest"})
    consumer.subscribe(["probe"])
    message = consumer.poll(20)
    consumer.close()
    assert message is not None
    assert message.value() == b"one,two"
