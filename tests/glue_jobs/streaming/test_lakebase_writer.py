"""A stream into Delta and into the Lakebase while the broker, PostgreSQL and Spark itself go away: no message
is lost, none is there twice.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from glue_jobs.observability.secrets import Secrets
from lakehouse.environments import Environment
from local_aws.control import restart_service
from tests.glue_jobs.streaming.lakebase_feed import COLUMNS, Application, Lakebase, contracts
from tests.glue_jobs.streaming.topic_harness import TopicHarness

KEYS, VERSIONS = 1000, 3
# Seconds: at most, for the next thing to happen; between two looks at whether it has.
PATIENCE, LOOK = 240.0, 0.03


@pytest.fixture
def feed(local_env: Environment) -> TopicHarness:
    return TopicHarness(local_env, None, name=f"restarts_{uuid.uuid4().hex[:8]}")  # type: ignore[arg-type]


@pytest.fixture
def stream(feed: TopicHarness, tmp_path: Path) -> Iterator[Application]:
    running = Application(feed, tmp_path)
    yield running
    if running.process and running.process.poll() is None:
        running.kill()


def _until(stream: Application, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        stream.must_live()
        assert time.monotonic() < deadline, (stream.folder / f"log.{stream.starts}").read_text()[-3000:]
        time.sleep(LOOK)


def _until_more(stream: Application, condition: Callable[[], Collection[Any]]) -> None:
    """Until there is something that was not there when this was called."""
    before = set(condition())
    _until(stream, lambda: bool(set(condition()) - before))


def _produced(feed: TopicHarness) -> list[dict[str, Any]]:
    """Versions of each key in no order, over both partitions, with the offset of each message."""
    producer, sent = Producer({**feed.client, "log_level": 0}), []
    for number in range(KEYS * VERSIONS):
        # 7 has no common factor with the number of messages, so every pair of key and version comes once.
        turn = number * 7 % (KEYS * VERSIONS)
        message = {"id": turn % KEYS, "seq": turn // KEYS, "value": f"v{turn} 'é'"}
        producer.produce(
            feed.name,
            json.dumps(message).encode(),
            key=str(message["id"]).encode(),
            partition=number % 2,
            on_delivery=lambda error, got, of=message: sent.append(
                {**of, "kafka_partition": got.partition(), "kafka_offset": got.offset()}
            ),
        )
        producer.poll(0)
    assert producer.flush(30) == 0
    return sent


def test_nothing_is_lost_and_nothing_comes_twice(
    feed: TopicHarness, stream: Application, local_env: Environment
) -> None:
    workdir = Path(os.environ["LAKEHOUSE_OVERLAY"]).parent
    every, _ = contracts(feed)
    there = Lakebase(Secrets(local_env).get("postgres"), feed.name)
    sent = _produced(feed)
    stream.start()
    _until(stream, lambda: bool(there.batches()))
    restart_service(workdir, "kafka")
    _until_more(stream, there.batches)
    restart_service(workdir, "postgres", crash=True)
    # The transaction is in, and Spark has not noted it yet.
    _until_more(stream, there.batches)
    stream.kill()
    stream.start()
    # In the middle of a batch.
    _until_more(stream, there.staging)
    restart_service(workdir, "postgres")
    _until_more(stream, there.staging)
    stream.kill()
    stream.start()
    _until(stream, lambda: there.offsets() == len(sent) and len(feed.rows(every, "id")) >= len(sent))
    assert stream.end() == 0
    assert stream.starts == 3

    columns = tuple(COLUMNS)
    assert Counter(feed.rows(every, *columns)) == Counter(
        tuple(message[c] for c in columns) for message in sent
    )
    last = {message["id"]: message for message in sorted(sent, key=lambda message: int(message["seq"]))}
    rows = there.ask(f"SELECT {', '.join(columns)} FROM gold_db.{feed.name} ORDER BY id")
    assert rows == [tuple(last[key][c] for c in columns) for key in range(KEYS)]
    assert there.batches() == list(range(len(there.batches())))
    assert there.staging() == set()
