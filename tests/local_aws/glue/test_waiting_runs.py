"""Runs wait for cores and for their turn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from local_aws.glue.job_run import (
    STOPPED,
    SUCCEEDED,
    WAITING,
    JobRun,
    RunRequest,
)
from local_aws.glue.runs import TooManyRunsError
from tests.local_aws.glue.conftest import Scripts, ended

SLEEP = "import time\ntime.sleep(300)\n"


def test_runs_wait_for_cores_and_a_waiting_run_can_be_stopped(scripts: Scripts) -> None:
    first = scripts.start(scripts.request(SLEEP))
    second, third = (scripts.start(scripts.request("print(1)")) for _ in range(2))
    assert (second.state, third.state) == (WAITING, WAITING)
    scripts.runs.stop(second)
    assert ended(second).state == STOPPED
    scripts.runs.stop(first)
    assert ended(third).state == SUCCEEDED


def test_stream_holds_no_cores_that_batch_jobs_wait_for(scripts: Scripts) -> None:
    stream = scripts.start(scripts.request(SLEEP, command="gluestreaming"))
    assert scripts.run("print(1)").state == SUCCEEDED
    scripts.runs.stop(stream)
    assert ended(stream).state == STOPPED


def test_job_has_no_more_runs_at_once_than_it_may(scripts: Scripts) -> None:
    request = scripts.request(SLEEP)
    runs = [scripts.start(request, 2) for _ in range(2)]
    with pytest.raises(TooManyRunsError, match=f"Concurrent runs exceeded for {request.job_name}"):
        scripts.start(request, 2)
    for run in runs:
        scripts.runs.stop(run)
        ended(run)
    assert ended(scripts.start(scripts.request("print(1)"), 2)).state == SUCCEEDED


@pytest.mark.slow
def test_fifty_runs_at_once_all_end_in_the_order_in_which_they_came(scripts: Scripts) -> None:
    request = scripts.request("import sys\nprint(sys.argv[2])\n")
    with ThreadPoolExecutor(50) as threads:
        runs = list(threads.map(lambda number: numbered(scripts, request, number), range(50)))
    for run in runs:
        assert ended(run).state == SUCCEEDED
    assert [scripts.output(run) for run in runs] == [[str(number)] for number in range(50)]
    accepted = sorted(runs, key=lambda run: run.started)
    assert [run.completed for run in accepted] == sorted(run.completed or 0.0 for run in runs)
    assert list(scripts.host.folders.runs.iterdir()) == []


def numbered(scripts: Scripts, request: RunRequest, number: int) -> JobRun:
    return scripts.start(replace(request, arguments={"--number": str(number)}), 50)
