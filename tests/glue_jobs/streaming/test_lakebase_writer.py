"""A stream into Delta and into the Lakebase while the broker, PostgreSQL and Spark itself go away: no message
is lost, none is there twice.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from confluent_kafka import Producer

from glue_jobs.observability.secrets import Secrets
from lakehouse.contracts import Contract
from lakehouse.environments import Environment, load_environment
from lakehouse.pipelines.model import Retry
from lakehouse.pipelines.params import Param
from lakehouse.project import project_root
from local_aws.control import restart_service
from tests.glue_jobs.streaming.topic_harness import TopicHarness, proc

KEYS, VERSIONS, PER_BATCH = 1000, 3, 500
CONFIG = "streams:\n  trigger: continuous\n  seconds: 1\nlease_seconds: 5\n"
COLUMNS: dict[str, Any] = {
    "id": {"type": "integer"},
    "seq": {"type": "integer"},
    "value": {"type": "string"},
    "kafka_partition": {"type": "integer", "x-lake": {"type": "int"}},
    "kafka_offset": {"type": "integer"},
}
# Seconds: at most, for the next thing to happen; between two looks at whether it has.
PATIENCE, LOOK = 240.0, 0.03


class Known(TopicHarness):
    """A feed whose topic is there already."""

    def __post_init__(self) -> None:
        pass


def contracts(feed: TopicHarness) -> tuple[Contract, Contract]:
    """Every message in Delta, and the newest of each key in the Lakebase."""
    return feed.contract("bronze", COLUMNS, sequence=None), feed.contract(
        "gold", COLUMNS, write="merge", sequence="seq", store="postgres"
    )


def application(name: str, config: str) -> None:
    """The stream as a process of its own: it ends when it is asked to, or killed."""
    from glue_jobs.job_types.stream import Stream
    from glue_jobs.session import spark_session
    from lakehouse.pipelines import Job

    env = load_environment("local", config=Path(config))
    feed = Known(env, spark_session(env), name=name)
    every, newest = contracts(feed)
    procs = (proc("every", every.table), proc("newest", newest.table))
    params = (
        Param("postgres", "{{ secret('postgres') }}", "string", True),
        Param("max_offsets_per_trigger", str(PER_BATCH), "int", False),
    )
    job = Job(
        "S1",
        name,
        "feeds",
        "streaming",
        "continuous",
        "tests",
        ("local",),
        "",
        Retry(0, 0),
        "#x",
        (),
        procs,
        params,
        (),
        (every.table, newest.table),
    )
    run = feed.context(job, every, newest)
    Stream.of(job).execute(run)


@dataclass
class Application:
    """The stream's process, started again whenever it is asked for and gone."""

    feed: TopicHarness
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0

    def start(self) -> None:
        config = self.folder / "config.yml"
        config.write_text(CONFIG)
        self.starts += 1
        code = (
            "from tests.glue_jobs.streaming.test_lakebase_writer import application; "
            f"application({self.feed.name!r}, {str(config)!r})"
        )
        with (self.folder / f"log.{self.starts}").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code],
                cwd=project_root(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Spark's JVM is a child of the process; both go at once, and nobody is told."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> int:
        assert self.process
        self.process.terminate()
        return self.process.wait(60)

    def must_live(self) -> None:
        assert self.process
        if self.process.poll() is not None:
            raise AssertionError(
                "the stream ended: " + (self.folder / f"log.{self.starts}").read_text()[-3000:]
            )


@dataclass
class Lakebase:
    """What the table of the Lakebase holds, by psycopg alone."""

    secret: dict[str, str]
    name: str

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        try:
            with psycopg.connect(**self.secret) as connection:
                return list(connection.execute(sql).fetchall())
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
            return []

    def batches(self) -> list[int]:
        return [
            batch
            for (batch,) in self.ask(
                f"SELECT batch FROM gold_db._batches WHERE table_name = '{self.name}' ORDER BY batch"
            )
        ]

    def offsets(self) -> int:
        """The greatest offset of each partition, summed, plus one each: how far the stream is."""
        rows = self.ask(
            "SELECT coalesce(sum(top + 1), 0) FROM (SELECT max(kafka_offset) AS top "
            f"FROM gold_db.{self.name} GROUP BY kafka_partition) t"
        )
        return int(rows[0][0]) if rows else 0

    def staging(self) -> set[str]:
        """Each attempt at a batch has a table of its own."""
        return {
            name
            for (name,) in self.ask(
                "SELECT tablename FROM pg_tables "
                "WHERE schemaname = 'gold_db' AND starts_with(tablename, '_staging')"
            )
        }


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
