"""Redshift's own driver against a server that takes its time, as an UNLOAD does."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from glue_jobs.aws import clients
from glue_jobs.connections import redshift as module
from glue_jobs.connections.redshift import redshift
from glue_jobs.observability.secrets import Secrets
from glue_jobs.sources.source import SourceError
from lakehouse.environments import Environment, names

SLOW = "SELECT slow"


def _message(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


class SlowServer:
    """Speaks as much of PostgreSQL's protocol as a statement without rows needs."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.statements: list[str] = []
        self._wake = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._wake.set()
        self._server.close()

    def _serve(self) -> None:
        try:
            connection, _ = self._server.accept()
            with connection, connection.makefile("rwb") as stream:
                stream.read(struct.unpack("!i", stream.read(4))[0] - 4)
                stream.write(_message(b"R", struct.pack("!i", 0)) + _message(b"Z", b"I"))
                stream.flush()
                while kind := stream.read(1):
                    body = stream.read(struct.unpack("!i", stream.read(4))[0] - 4)
                    stream.write(self._answer(kind, body))
                    if kind in b"HS":
                        stream.flush()
        except OSError:
            return

    def _answer(self, kind: bytes, body: bytes) -> bytes:
        if kind == b"P":
            sql = body.split(b"\0")[1].decode()
            self.statements.append(sql)
            if sql == SLOW:
                self._wake.wait(self.seconds)
        answers = {
            b"P": _message(b"1"),
            b"B": _message(b"2"),
            b"D": _message(b"t", struct.pack("!h", 0)) + _message(b"n")
            if body[:1] == b"S"
            else _message(b"n"),
            b"E": _message(b"C", b"SET\0"),
            b"S": _message(b"Z", b"T"),
            b"C": _message(b"3"),
        }
        return answers.get(kind, b"")


@pytest.fixture
def server() -> Iterator[SlowServer]:
    slow = SlowServer(1.5)
    yield slow
    slow.close()


def test_a_statement_may_take_longer_than_a_connection(
    aws_env: Environment, server: SlowServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.5)
    transfer = aws_env.redshift.model_copy(update={"transfer": "unload", "statement_minutes": 7})
    env = aws_env.model_copy(update={"redshift": transfer})
    login = {"host": "127.0.0.1", "port": server.port, "dbname": "d", "user": "u", "password": "canary"}
    secret = json.dumps({**login, "sslmode": "disable"})
    name = names.secret(env, env.redshift.secret)
    clients(env).secretsmanager.create_secret(Name=name, SecretString=secret)
    with redshift(env, Secrets(env), error=SourceError, code="RUN101") as connection:
        connection.cursor().execute(SLOW)
    assert SLOW in server.statements
    assert "SET statement_timeout = 420000" in server.statements, "Redshift ends what takes too long"
