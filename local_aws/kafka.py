"""A Kafka broker in KRaft mode, from its jars: broker and controller in one process."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local_aws.java import java
from local_aws.processes import Service, spawn

_JAVA = (
    "-Xmx256m",
    "-Xms256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
)
_SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "num.partitions": "2",
    "auto.create.topics.enable": "true",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "message.max.bytes": "16777216",
    "replica.fetch.max.bytes": "16777216",
    "log.retention.ms": "-1",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.cleaner.dedupe.buffer.size": "8388608",
}


def start(workdir: Path, ports: tuple[int, int], jars: Path, java_options: Sequence[str] = ()) -> Service:
    """Serve the data of the work folder, which is created when it is missing. `ports`: broker, controller."""
    data = workdir / "data" / "kafka"
    properties = data / "server.properties"
    if not properties.exists():
        _format(data, properties, *ports)
    options = [*_JAVA, f"-Djava.io.tmpdir={data}", *java_options]
    command = [str(java()), *options, "-cp", f"{jars}/*", "kafka.Kafka", str(properties)]
    log = workdir / "logs" / "kafka.log"
    return Service("kafka", ports[0], spawn(command, log), log, lambda: _answers(ports[0]))


def secret(port: int) -> dict[str, Any]:
    """The value of its secret in Secrets Manager."""
    return {"bootstrap_servers": f"127.0.0.1:{port}", "security_protocol": "PLAINTEXT"}


def _format(data: Path, properties: Path, port: int, controller_port: int) -> None:
    """Write the files of `kafka-storage format`, without starting a second Java for it."""
    logs = data / "logs"
    logs.mkdir(parents=True)
    (logs / "meta.properties").write_text(
        f"version=1\ncluster.id={_kafka_uuid()}\nnode.id=1\ndirectory.id={_kafka_uuid()}\n"
    )
    addresses = {
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "log.dirs": str(logs),
    }
    properties.write_text("".join(f"{key}={value}\n" for key, value in {**_SETTINGS, **addresses}.items()))


def _kafka_uuid() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "x", 1)


def _answers(port: int) -> bool:
    from confluent_kafka.admin import AdminClient

    client = AdminClient(
        {"bootstrap.servers": f"127.0.0.1:{port}", "log_level": 0, "socket.timeout.ms": 2000}
    )
    return bool(client.list_topics(timeout=2).brokers)
