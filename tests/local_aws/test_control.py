"""Services of a world that is up are restarted in place, with what they hold on disk."""

from __future__ import annotations

import json
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
from botocore.exceptions import ClientError
from confluent_kafka import Consumer, Producer, TopicPartition

from lakehouse.environments import Environment, load_environment, names
from local_aws import bootstrap
from local_aws.control import restart_service, start_service, stop_service
from local_aws.files import platform_files, read_json
from local_aws.local_platform import LocalPlatform, status
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
    """Of the tests' world, all of which is up again afterwards."""
    here = Path(os.environ["LAKEHOUSE_OVERLAY"]).parent
    yield here
    for name in ("kafka", "postgres"):
        start_service(here, name)


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
        found = connection.execute("SELECT count(*) FROM gold_db.kept").fetchone()
        connection.execute("DROP TABLE gold_db.kept")
    assert found == (1,)


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


def test_a_stopped_service_is_told_and_starts_once(workdir: Path, secret: Secret) -> None:
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
def test_a_service_that_holds_all_in_memory_is_not_stopped(workdir: Path, name: str) -> None:
    with pytest.raises(
        ServiceError, match=f"'{name}' cannot be stopped or started in place; these can: kafka, postgres"
    ):
        stop_service(workdir, name)
    assert status(workdir).dead == []


def test_a_world_that_is_not_up_restarts_nothing(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="none is up"):
        restart_service(tmp_path, "kafka")


def test_what_was_restarted_ends_with_its_world_and_one_that_is_stopped_does_not_end_it(
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


def test_the_lakebase_has_a_user_of_its_own_who_sees_nothing_else(secret: Secret) -> None:
    mine, others = secret("postgres"), secret("redshift")
    assert (mine["host"], mine["port"]) == (others["host"], others["port"])
    assert mine["password"] != others["password"]
    for database in (others["dbname"], "postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match=f'permission denied for database "{database}"'):
            psycopg.connect(**{**mine, "dbname": database})
    with psycopg.connect(**mine, autocommit=True) as connection:
        rights = "rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls"
        assert (
            connection.execute(f"SELECT {rights} FROM pg_roles WHERE rolname = current_user").fetchone()
            == (False,) * 5
        )
        for layer in names.LAYERS:
            connection.execute(f"CREATE TABLE {names.lakebase_schema(layer)}.probe ()")
            connection.execute(f"DROP TABLE {names.lakebase_schema(layer)}.probe")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE SCHEMA more")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("COPY (SELECT 1) TO '/tmp/probe'")


def test_a_container_that_the_stack_lacks_leaves_none_of_the_others_empty(tmp_path: Path) -> None:
    platform = LocalPlatform.start(
        load_environment("local"), tmp_path, only=["aws", "postgres"], empty_account=True
    )
    try:
        overlay = json.loads(platform.overlay.read_text())["aws"]
        env = load_environment("local")
        env = env.model_copy(update={"aws": env.aws.model_copy(update=overlay)})
        manager = bootstrap.session_client(env, "secretsmanager", overlay["endpoint"], overlay["access_key"])
        for name in ("postgres", "pii_key"):
            manager.create_secret(Name=names.secret(env, name))
        with pytest.raises(ClientError, match="ResourceNotFound"):
            bootstrap.fill_secrets(env, tmp_path)
        known = read_json(platform_files(tmp_path).secrets) or {}
        for name in ("postgres", "pii_key"):
            assert (
                json.loads(manager.get_secret_value(SecretId=names.secret(env, name))["SecretString"])
                == known[name]
            )
    finally:
        platform.stop()
