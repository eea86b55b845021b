"""Services of a platform that is up are restarted in place, with their data on disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from lakehouse.environments import Environment
from local_aws.control import restart_service, start_service, stop_service
from local_aws.files import platform_files, read_json
from local_aws.local_platform import status
from local_aws.processes import Identity, ServiceError

Secret = Callable[[str], dict[str, Any]]
OWNER = """
import sys, time
from pathlib import Path
from lakehouse.environments import load_environment
from local_aws.local_platform import LocalPlatform
LocalPlatform.start(load_environment("local"), Path(sys.argv[1]), only=["aws", "postgres"])
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture
def workdir(local_env: Environment) -> Iterator[Path]:
    """Of the tests' platform, whose services are all up again afterwards."""
    folder = Path(os.environ["LAKEHOUSE_OVERLAY"]).parent
    yield folder
    for name in ("kafka", "postgres"):
        start_service(folder, name)


def _process(workdir: Path, name: str) -> Identity:
    entry = (read_json(platform_files(workdir).services) or {})["services"][name]
    return Identity(entry["pid"], entry["started"])


@pytest.mark.parametrize("crash", [False, True])
def test_rows_outlive_a_restart_of_postgresql(workdir: Path, secret: Secret, crash: bool) -> None:
    with psycopg.connect(**secret("postgres")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS gold_db.kept (id bigint)")
        connection.execute("INSERT INTO gold_db.kept VALUES (1)")
    before, ports = _process(workdir, "postgres"), status(workdir).ports
    restart_service(workdir, "postgres", crash=crash)
    assert not before.is_alive()
    assert _process(workdir, "postgres").is_alive()
    assert (status(workdir).ports, status(workdir).dead) == (ports, [])
    with psycopg.connect(**secret("postgres")) as connection:
        count = connection.execute("SELECT count(*) FROM gold_db.kept").fetchone()
        connection.execute("DROP TABLE gold_db.kept")
    assert count == (1,)


def test_messages_outlive_a_restart_of_the_broker(workdir: Path, secret: Secret) -> None:
    producer = Producer(
        {"bootstrap.servers": secret("kafka")["bootstrap_servers"], "partitioner": "consistent"}
    )
    for number in range(100):
        producer.produce("kept", str(number).encode(), partition=0)
    assert producer.flush(20) == 0
    restart_service(workdir, "kafka")
    # One that was connected before goes on by itself.
    producer.produce("kept", b"after", partition=0)
    assert producer.flush(30) == 0
    consumer = Consumer(
        {
            "bootstrap.servers": secret("kafka")["bootstrap_servers"],
            "group.id": "kept",
            "auto.offset.reset": "earliest",
        }
    )
    consumer.assign([TopicPartition("kept", 0, 0)])
    values = [message.value() for message in consumer.consume(101, 30)]
    consumer.close()
    # The producer may resend its first batch after later ones: the topic does not exist when it is asked for.
    assert sorted(values) == sorted([*(str(number).encode() for number in range(100)), b"after"])


def test_a_stopped_service_is_listed_and_starts_once(workdir: Path, secret: Secret) -> None:
    stop_service(workdir, "postgres")
    assert status(workdir).dead == ["postgres"]
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(**secret("postgres"))
    start_service(workdir, "postgres")
    again = _process(workdir, "postgres")
    start_service(workdir, "postgres")
    assert _process(workdir, "postgres") == again
    assert status(workdir).dead == []


@pytest.mark.parametrize("name", ["aws", "snowflake", "oracle"])
def test_a_service_with_its_data_in_memory_is_not_stopped(workdir: Path, name: str) -> None:
    with pytest.raises(
        ServiceError, match=f"'{name}' cannot be stopped or started in place; these can: kafka, postgres"
    ):
        stop_service(workdir, name)
    assert status(workdir).dead == []


def test_a_platform_that_is_not_up_restarts_nothing(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="none is up"):
        restart_service(tmp_path, "kafka")


def test_a_restarted_service_ends_with_its_platform(
    tmp_path: Path,
) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "up\n"
    stop_service(tmp_path, "postgres")
    assert status(tmp_path).up
    start_service(tmp_path, "postgres")
    alive = [_process(tmp_path, name) for name in ("aws", "postgres")]
    assert all(process.is_alive() for process in alive)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    deadline = time.monotonic() + 15
    while any(process.is_alive() for process in alive) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [process for process in alive if process.is_alive()] == []
