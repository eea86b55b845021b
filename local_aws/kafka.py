"""A Kafka broker in KRaft mode, from its jars: broker and controller in one process."""

from __future__ import annotations

import base64
import uuid
from pathlib import Path
from typing import Any

from local_aws.java import java
from local_aws.processes import Service, spawn

_HEAP = "256m"


def start(workdir: Path, port: int, controller_port: int, jars: Path) -> Service:
    """Serve what is in the work folder, which is made where there is nothing."""
    data = workdir / "data" / "kafka"
    properties = data / "server.properties"
    if not properties.exists():
        _format(data, properties, port, controller_port)
    command = [
        str(java()), f"-Xmx{_HEAP}", f"-Xms{_HEAP}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true",
        f"-Djava.io.tmpdir={data}", "-cp", f"{jars}/*", "kafka.Kafka", str(properties),
    ]  # fmt: skip
    log = workdir / "logs" / "kafka.log"
    return Service("kafka", port, spawn(command, log), log, lambda: _answers(port))


def secret(port: int) -> dict[str, Any]:
    """What the platform finds in Secrets Manager."""
    return {"bootstrap_servers": f"127.0.0.1:{port}", "security_protocol": "PLAINTEXT"}


def _format(data: Path, properties: Path, port: int, controller_port: int) -> None:
    """What `kafka-storage format` writes, without starting a second Java for it."""
    logs = data / "logs"
    logs.mkdir(parents=True)
    (logs / "meta.properties").write_text(
        f"version=1\ncluster.id={_kafka_uuid()}\nnode.id=1\ndirectory.id={_kafka_uuid()}\n"
    )
    settings = {
        "process.roles": "broker,controller", "node.id": "1", "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}", "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT", "log.dirs": str(logs),
        "num.partitions": "2", "auto.create.topics.enable": "true", "offsets.topic.replication.factor": "1", "offsets.topic.num.partitions": "1",
        "transaction.state.log.replication.factor": "1", "transaction.state.log.min.isr": "1", "transaction.state.log.num.partitions": "1",
        "group.initial.rebalance.delay.ms": "0", "message.max.bytes": "16777216", "replica.fetch.max.bytes": "16777216",
        "log.retention.ms": "-1", "num.network.threads": "2", "num.io.threads": "4", "log.cleaner.dedupe.buffer.size": "8388608",
    }  # fmt: skip
    properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))


def _kafka_uuid() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "x", 1)


def _answers(port: int) -> bool:
    from confluent_kafka.admin import AdminClient

    client = AdminClient(
        {"bootstrap.servers": f"127.0.0.1:{port}", "log_level": 0, "socket.timeout.ms": 2000}
    )
    return bool(client.list_topics(timeout=2).brokers)
