"""Events also go to a configured receiver; one that fails stops no run."""

from __future__ import annotations

import json
import logging
import threading
import typing
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from glue_jobs.observability.lineage import Dataset
from lakehouse.environments import Environment
from tests.glue_jobs.observability.lineage_run import ORDERS, SILVER, a_run, events_of


class Receiver(BaseHTTPRequestHandler):
    status = 200
    received: typing.ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Receiver.received.append(json.loads(body))
        self.send_response(Receiver.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Receiver]]:
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Receiver.received, Receiver.status = [], 200
    monkeypatch.setenv("OPENLINEAGE_URL", f"http://127.0.0.1:{server.server_port}")
    yield Receiver
    server.shutdown()
    thread.join()
    server.server_close()


def test_events_also_go_where_openlineage_is_configured(env: Environment, receiver: type[Receiver]) -> None:
    run = a_run(env)
    run.start([ORDERS], [SILVER])
    run.complete([ORDERS], [SILVER])
    assert [event["eventType"] for event in receiver.received] == ["START", "COMPLETE"]
    assert receiver.received[0]["run"]["runId"] == run._run_id
    assert len(events_of(env, run)) == 2


def test_receiver_that_refuses_is_logged_and_not_asked_again(
    env: Environment, receiver: type[Receiver], caplog: pytest.LogCaptureFixture
) -> None:
    receiver.status = 401
    run = a_run(env)
    with caplog.at_level(logging.ERROR):
        run.start()
        run.complete()
    assert len(receiver.received) == 1
    assert "was not sent to OpenLineage's transport" in caplog.text
    assert len(events_of(env, run)) == 2


def test_outage_of_lineage_is_logged_and_fails_nothing(
    lossy: Any, env: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    lossy.refuse("s3", "PutObject")
    run = a_run(lossy.env)
    with caplog.at_level(logging.ERROR):
        run.start([ORDERS], [SILVER])
        run.complete([Dataset("not a table")])
    assert "START of job bronze_to_silver was not sent to S3" in caplog.text
    assert "COMPLETE of job bronze_to_silver could not be made" in caplog.text
