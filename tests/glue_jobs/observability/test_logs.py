"""JSON logs that carry the run and never a secret."""

from __future__ import annotations

import base64
import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from glue_jobs.observability import redact as redaction
from glue_jobs.observability.logs import FIELDS, bound, configure
from glue_jobs.observability.redact import register
from lakehouse.environments import Environment, load_environment

ROOT = Path(__file__).parents[3]


CANARY = 'c@nary/"quoted"\\and back\nsecond line+é'


log = logging.getLogger("glue_jobs.test")


@pytest.fixture
def env() -> Environment:
    return load_environment("dev")


@pytest.fixture
def out(env: Environment, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    root, stream = logging.getLogger(), io.StringIO()
    level = root.level
    handler = configure(env, stream=stream)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture(autouse=True)
def nothing_registered() -> Iterator[None]:
    yield
    redaction._values.clear()
    register([])


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_every_line_carries_the_run(out: io.StringIO) -> None:
    with bound(run_id="r-1", job_name="snowflake_to_bronze", trace_id="t-1"):
        log.info("before %s", "batch")
        with bound(batch_id="b-1"):
            log.warning("in batch")
    log.info("after")
    before, inside, after = lines(out)
    assert {name: before[name] for name in FIELDS} == {
        "run_id": "r-1",
        "batch_id": "",
        "job_name": "snowflake_to_bronze",
        "trace_id": "t-1",
        "env": "dev",
    }
    assert (before["message"], before["level"], before["logger"]) == (
        "before batch",
        "INFO",
        "glue_jobs.test",
    )
    assert (inside["batch_id"], inside["run_id"]) == ("b-1", "r-1")
    assert (after["run_id"], after["env"]) == ("", "dev")


def test_canary_is_in_no_part_of_a_line(out: io.StringIO) -> None:
    register([CANARY])
    try:
        raise ValueError(f"refused {CANARY}")
    except ValueError as error:
        log.info("message " + CANARY)
        log.info("args %s %r", CANARY, CANARY)
        log.info("dict %s", {"password": CANARY})
        log.info("mapped %(password)s", {"password": CANARY})
        log.exception("exception", exc_info=error)
        log.info(
            "extra", extra={"fields": {"password": CANARY}, "listed": [CANARY], "object": error, CANARY: 1}
        )
        log.info("stack", stack_info=True)
        log.info("url https://user:%s@host", quote_plus(CANARY))
        log.info("basic %s", base64.b64encode(CANARY.encode()).decode())
        log.info("json %s", json.dumps({"password": CANARY}))
        log.info("wrong %d", CANARY)
        log.info("wrong %s %s", CANARY)  # noqa: PLE1206
    with bound(trace_id=CANARY):
        log.info("bound")
    text = out.getvalue()
    assert len(lines(out)) == 13
    assert "***" in text
    for form in ("c@nary", "second line+", quote_plus(CANARY), base64.b64encode(CANARY.encode()).decode()):
        assert form not in text
    traces = [line["exception"] for line in lines(out) if "exception" in line]
    assert any("ValueError at observability/test_logs.py:" in trace for trace in traces)


def test_canary_is_not_shown_by_other_handlers(out: io.StringIO, env: Environment) -> None:
    other = io.StringIO()
    plain = logging.StreamHandler(other)
    logging.getLogger().addHandler(plain)
    try:
        configure(env, stream=out)
        register([CANARY])
        try:
            raise ValueError(CANARY)
        except ValueError:
            log.exception("failed with %s", CANARY)
    finally:
        logging.getLogger().removeHandler(plain)
    assert "failed with ***" in other.getvalue()
    assert "c@nary" not in other.getvalue()


def test_uncaught_error_of_the_process_or_a_thread_shows_no_secret() -> None:
    script = """
import threading
from lakehouse.environments import load_environment
from glue_jobs.observability.logs import configure
from glue_jobs.observability.redact import register
configure(load_environment("dev"))
register(["canary-value"])
def fail(): raise ValueError("canary-value")
thread = threading.Thread(target=fail); thread.start(); thread.join()
fail()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "canary" not in done.stdout + done.stderr
    logged = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["message"] for line in logged] == ["uncaught ValueError"] * 2
    assert all("\nValueError" in line["exception"] for line in logged)


def test_log_line_of_a_thread_carries_its_own_run(out: io.StringIO) -> None:
    def run(name: str) -> None:
        with bound(run_id=name):
            barrier.wait()
            log.info("from %s", name)

    barrier = threading.Barrier(2)
    threads = [threading.Thread(target=run, args=(f"r-{i}",)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(line["message"] == f"from {line['run_id']}" for line in lines(out))
    assert len(lines(out)) == 2
