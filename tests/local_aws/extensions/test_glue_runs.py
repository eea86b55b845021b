"""The calls about runs of Glue's jobs, answered in Glue's own shape."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from lakehouse.environments import load_environment
from local_aws.bootstrap import session_client
from local_aws.local_platform import LocalPlatform
from tests.local_aws.extensions.conftest import Client, code_of
from tests.local_aws.glue.script_job import script_job

SLEEP = "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(300)\n"


@pytest.fixture
def job(client: Client) -> str:
    """A new job, whose script sleeps."""
    return script_job(client, SLEEP)


def _wait(client: Client, job: str, run_id: str, *states: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        run: dict[str, Any] = client("glue").get_job_run(JobName=job, RunId=run_id)["JobRun"]
        if run["JobRunState"] in states:
            return run
        time.sleep(0.05)
    raise AssertionError(run)


def test_run_is_shown_as_glue_shows_it(client: Client) -> None:
    shown = {"GlueVersion": "5.1", "WorkerType": "G.1X", "NumberOfWorkers": 2, "Timeout": 5}
    arguments = {"--enable-auto-scaling": "true", "--a": "default"}
    job = script_job(client, "raise ValueError('no orders')", DefaultArguments=arguments, **shown)
    run_id = client("glue").start_job_run(JobName=job, Arguments={"--a": "run"}, Timeout=7)["JobRunId"]
    run = _wait(client, job, run_id, "FAILED")
    assert run.items() >= {**shown, "Timeout": 7, "MaxCapacity": 2.0, "Attempt": 0}.items()
    assert (run["Id"], run["JobName"], run["Arguments"]) == (run_id, job, {"--a": "run"})
    assert run["ErrorMessage"] == "ValueError: no orders"
    assert run["StartedOn"] <= run["LastModifiedOn"] == run["CompletedOn"]
    assert run["DPUSeconds"] == 2.0 * run["ExecutionTime"]
    assert client("glue").get_job_runs(JobName=job)["JobRuns"] == [run]


def test_runs_come_in_pages_with_the_newest_first(client: Client) -> None:
    job = script_job(client, "print(1)", ExecutionProperty={"MaxConcurrentRuns": 3})
    started = [client("glue").start_job_run(JobName=job)["JobRunId"] for _ in range(3)]
    for run_id in started:
        _wait(client, job, run_id, "SUCCEEDED")
    pages = (
        client("glue").get_paginator("get_job_runs").paginate(JobName=job, PaginationConfig={"PageSize": 2})
    )
    assert [[run["Id"] for run in page["JobRuns"]] for page in pages] == [started[:0:-1], started[:1]]


def test_more_runs_than_a_job_may_have_are_refused_and_a_running_one_is_stopped(
    client: Client, job: str
) -> None:
    glue = client("glue")
    run_id = glue.start_job_run(JobName=job)["JobRunId"]
    with pytest.raises(ClientError) as caught:
        glue.start_job_run(JobName=job)
    assert code_of(caught) == "ConcurrentRunsExceededException"
    _wait(client, job, run_id, "RUNNING")
    answer = glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id, "jr_none"])
    assert answer["SuccessfulSubmissions"] == [{"JobName": job, "JobRunId": run_id}]
    assert [e["ErrorDetail"]["ErrorCode"] for e in answer["Errors"]] == ["EntityNotFoundException"]
    assert "ErrorMessage" not in _wait(client, job, run_id, "STOPPED")
    again = glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    assert [e["ErrorDetail"]["ErrorCode"] for e in again["Errors"]] == ["JobRunInTerminalStateException"]


@pytest.mark.parametrize("call", ["start_job_run", "get_job_runs"])
def test_job_that_does_not_exist_is_not_found(client: Client, call: str) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(client("glue"), call)(JobName="none")
    assert code_of(caught) == "EntityNotFoundException"


@pytest.fixture
def short_platform(tmp_path: Path) -> Iterator[LocalPlatform]:
    platform = LocalPlatform.start(load_environment("local"), tmp_path, only=("aws",), empty_account=True)
    yield platform
    platform.stop()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_run_outlives_its_platform(short_platform: LocalPlatform, how: signal.Signals) -> None:
    """Neither when the platform is stopped nor when it is killed."""
    endpoint = f"http://127.0.0.1:{short_platform.ports['aws']}"
    env = load_environment("local")

    def client(service: str) -> Any:
        return session_client(env, service, endpoint, "testing")

    job = script_job(client, SLEEP)
    run_id = client("glue").start_job_run(JobName=job)["JobRunId"]
    _wait(client, job, run_id, "RUNNING")
    output = short_platform.workdir / "data" / "glue" / run_id / "output.log"
    _until(lambda: output.read_text().endswith("\n"))
    pid = int(output.read_text())
    services = json.loads((short_platform.workdir / "services.json").read_text())
    os.kill(services["services"]["aws"]["pid"], how)
    _until(lambda: has_ended(pid))
    assert has_ended(pid)


def has_ended(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def _until(condition: Any) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
