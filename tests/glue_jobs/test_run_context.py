"""Batches are planned once, finished by whoever comes next, and named in every log line."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from glue_jobs.errors import RunError
from glue_jobs.observability import logs
from glue_jobs.state.audit import Counts
from glue_jobs.state.watermark import Watermarks
from lakehouse.environments import Environment
from lakehouse.pipelines.params import Param
from tests.glue_jobs.run_harness import job, run_context, schemas


@pytest.fixture
def out(aws_env: Environment, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    stream, root = io.StringIO(), logging.getLogger()
    level, handler = root.level, logs.configure(aws_env, stream=stream)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_the_watermark_moves_when_the_block_ends_without_an_error(aws_env: Environment) -> None:
    run = run_context(aws_env, job(), schemas())
    with run.batch("silver.moves", "moves", lambda position: {"version": 1}) as batch:
        assert batch is not None
        assert (batch.position, batch.until, batch.resumed) == (None, {"version": 1}, False)
        assert Watermarks(aws_env).read("moves").position is None
    assert Watermarks(aws_env).read("moves").position == {"version": 1}


def test_a_batch_that_an_error_ended_is_taken_up_as_it_was_planned(aws_env: Environment) -> None:
    first, second = (run_context(aws_env, job(), schemas()) for _ in range(2))
    with (
        pytest.raises(RuntimeError, match="killed"),
        first.batch("silver.again", "again", lambda position: {"version": 1}) as killed,
    ):
        raise RuntimeError("killed")
    with second.batch("silver.again", "again", lambda position: {"version": 7}) as resumed:
        assert killed is not None
        assert resumed is not None
        assert (resumed.until, resumed.resumed) == ({"version": 1}, True)
        assert (resumed.batch_id, resumed.number, resumed.run_id) == (
            killed.batch_id,
            killed.number,
            first.run_id,
        )


def test_a_source_without_news_makes_no_batch(aws_env: Environment) -> None:
    run = run_context(aws_env, job(), schemas())
    with run.batch("silver.idle", "idle", lambda position: position) as batch:
        assert batch is None
    assert run.batch_ids == {}


def test_every_log_line_of_a_batch_carries_its_id(aws_env: Environment, out: io.StringIO) -> None:
    run = run_context(aws_env, job(), schemas())
    with run.batch("silver.lines", "lines", lambda position: 1) as batch:
        run.count("silver.lines", Counts(1, 1))
    run.log.info("run succeeded", extra={"batch_id": run.batch_ids["silver.lines"]})
    assert batch is not None
    lines = [json.loads(line) for line in out.getvalue().splitlines() if '"tests.run"' in line]
    assert {line["message"]: line["batch_id"] for line in lines} == {
        "table silver.lines done": batch.batch_id,
        "run succeeded": batch.batch_id,
    }


def test_a_source_with_more_rejected_rows_than_tolerated_is_a_problem(aws_env: Environment) -> None:
    run = run_context(aws_env, job(), schemas())
    run.report_broken_source("bronze.fine", Counts(100, 100), "see x")
    run.report_broken_source("bronze.broken", Counts(100, 1, 99), "see x")
    assert [str(p) for p in run.problems] == [
        "RUN112 bronze.broken: 99 of 100 rows break the contract, see x"
    ]


def test_a_secret_is_found_by_its_parameter(aws_env: Environment) -> None:
    run = run_context(aws_env, job(params=(Param("limit", "3", "int", False),)), schemas())
    with pytest.raises(RunError, match="RUN013 job a_job has no secure parameter 'pii_key'"):
        run.secret_of("pii_key")
