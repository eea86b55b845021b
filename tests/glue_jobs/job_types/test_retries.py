"""A run tries work again while its error may pass.

It does so as often as the job's procs say, and tries no other work again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
import stamina
from botocore.exceptions import ClientError, EndpointConnectionError

from glue_jobs.errors import RunError
from glue_jobs.job_types.retries import run_tables, try_again
from glue_jobs.run_context import RunContext
from lakehouse.environments import Environment
from lakehouse.pipelines import load_pipelines
from tests.glue_jobs.run_harness import job, run_context, schemas

RETRIES = 3
PROC = replace(load_pipelines()["retail"].job("snowflake_to_bronze").procs[0], retry_count=RETRIES)


@pytest.fixture(autouse=True)
def _no_waits() -> Iterator[None]:
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture
def run(aws_env: Environment) -> RunContext:
    return run_context(aws_env, job(procs=(PROC,)), schemas())


def answer(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "as AWS says it"}}, "PutItem")


class Work:
    """Fails with each error in turn, then succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.calls = list(errors), 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@pytest.mark.parametrize(
    "error",
    [
        RunError("snowflake is down", code="RUN101"),
        RunError("redshift is down", code="RUN401"),
        RunError("the Lakebase is down", code="RUN420"),
        answer("ThrottlingException"),
        answer("SlowDown"),
        EndpointConnectionError(endpoint_url="https://dynamodb"),
    ],
    ids=str,
)
def test_work_is_tried_again_after_an_error_that_may_pass(
    error: Exception, run: RunContext, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work(error, error)
    with caplog.at_level(logging.WARNING, "tests.run"):
        assert try_again(run, work, "table bronze.x") == "done"
    assert work.calls == 3
    assert [r.message.partition(": ")[0] for r in caplog.records if r.name == "tests.run"] == [
        "table bronze.x failed and is tried again"
    ] * 2


@pytest.mark.parametrize(
    "error",
    [
        RunError("no such table", code="RUN103"),
        RunError("the lease is gone", code="RUN021"),
        answer("AccessDeniedException"),
        ValueError("a bug"),
    ],
    ids=str,
)
def test_an_error_that_stays_is_raised_at_once(error: Exception, run: RunContext) -> None:
    work = Work(error)
    with pytest.raises(type(error)):
        try_again(run, work, "table bronze.x")
    assert work.calls == 1


def test_the_last_error_is_raised_after_as_many_retries_as_the_procs_say(run: RunContext) -> None:
    work = Work(*[RunError(f"try {n}", code="RUN101") for n in range(10)])
    with pytest.raises(RunError, match=f"try {RETRIES}"):
        try_again(run, work, "table bronze.x")
    assert work.calls == RETRIES + 1


def test_without_retries_work_is_done_once(aws_env: Environment) -> None:
    once = run_context(aws_env, job(procs=(replace(PROC, retry_count=0),)), schemas())
    work = Work(RunError("down", code="RUN101"))
    with pytest.raises(RunError, match="down"):
        try_again(once, work, "table bronze.x")
    assert work.calls == 1


def test_only_the_table_that_failed_is_tried_again(run: RunContext) -> None:
    calls: list[str] = []

    def act(table: str) -> None:
        calls.append(table)
        if table == "bronze.b" and calls.count(table) == 1:
            raise RunError("down", code="RUN101")

    run_tables(run, act, ["bronze.a", "bronze.b"])
    assert sorted(calls) == ["bronze.a", "bronze.b", "bronze.b"]


def test_a_batch_that_was_planned_before_the_error_is_taken_up_and_done_once(
    run: RunContext,
) -> None:
    done: list[tuple[str, bool]] = []

    def act() -> None:
        with run.batch("bronze.t", "bronze.t", lambda position: {"until": 1}) as batch:
            assert batch is not None
            done.append((batch.batch_id, batch.resumed))
            if len(done) == 1:
                raise answer("ThrottlingException")

    try_again(run, act, "table bronze.t")
    (first, _), (second, resumed) = done
    assert first == second
    assert resumed
