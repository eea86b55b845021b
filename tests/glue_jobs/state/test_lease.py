"""A table has one writer at a time: a second one waits, a dead or stopped one loses its lease."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from glue_jobs.state.control_table import ControlTable
from glue_jobs.state.lease import LeaseTakenError, lease
from lakehouse.environments import Environment
from lakehouse.environments.names import Control

ROOT = Path(__file__).parents[3]
HOLD = """
import sys, json, time
from lakehouse.environments.model import Environment
from glue_jobs.state.lease import LeaseLostError, lease
env = Environment.model_validate_json(sys.argv[1])
with lease(env, sys.argv[2], "child", seconds=float(sys.argv[3])) as handle:
    print(handle.fence, flush=True)
    sys.stdin.readline()
    try:
        handle.check()
        print("held", flush=True)
    except LeaseLostError as lost:
        print(lost, flush=True)
"""


@pytest.fixture
def table() -> str:
    return f"silver.t_{uuid.uuid4().hex}"


def hold_in_child(env: Environment, table: str, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, env.model_dump_json(), table, str(seconds)]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "1"
    return child


def forget_process(env: Environment, table: str) -> None:
    """Makes the lease look like one of another machine, whose process cannot be examined."""
    leases = ControlTable(env, Control.LEASES)
    current = leases.get(table)
    assert current is not None
    leases.replace(current, {**current, "process": "another-boot:pid:[1]:1:1"})


def test_second_writer_fails_with_the_name_of_the_first(aws_env: Environment, table: str) -> None:
    message = r"RUN020 .*being written by run run-1 since .* until"
    with (
        lease(aws_env, table, "run-1"),
        pytest.raises(LeaseTakenError, match=message),
        lease(aws_env, table, "run-2"),
    ):
        pass


def test_second_writer_gets_the_lease_when_the_first_releases_it(aws_env: Environment, table: str) -> None:
    released = threading.Event()

    def first() -> None:
        with lease(aws_env, table, "run-1", seconds=2):
            started.set()
            time.sleep(0.3)
        released.set()

    started = threading.Event()
    thread = threading.Thread(target=first)
    thread.start()
    started.wait(5)
    with lease(aws_env, table, "run-2", seconds=2, wait_seconds=5) as handle:
        handle.check()
        assert handle.holder == "run-2"
    thread.join()
    assert released.is_set()


def test_fence_grows_with_every_holder_and_survives_release(aws_env: Environment, table: str) -> None:
    fences = []
    for i in range(3):
        with lease(aws_env, table, f"run-{i}") as handle:
            fences.append(handle.fence)
    assert fences == [1, 2, 3]


def test_holder_stopped_past_its_expiry_loses_the_lease(aws_env: Environment, table: str) -> None:
    child = hold_in_child(aws_env, table, 1.0)
    assert child.stdin is not None
    assert child.stdout is not None
    child.send_signal(signal.SIGSTOP)
    # Stopped is not gone: only time may free it.
    with lease(aws_env, table, "run-2", seconds=1, wait_seconds=5) as handle:
        assert handle.fence == 2
        child.stdin.write("\n")
        child.stdin.flush()
        child.send_signal(signal.SIGCONT)
        assert "RUN021" in child.stdout.readline()
        child.communicate(timeout=10)
        handle.check()


def test_stopped_holder_loses_the_lease_even_when_nobody_took_it(aws_env: Environment, table: str) -> None:
    child = hold_in_child(aws_env, table, 1.0)
    assert child.stdin is not None
    assert child.stdout is not None
    child.send_signal(signal.SIGSTOP)
    time.sleep(1.3)
    child.send_signal(signal.SIGCONT)
    # Time enough for the renewal that was due: it must not bring the lease back.
    time.sleep(0.5)
    child.stdin.write("\n")
    child.stdin.flush()
    assert "not renewed for 1 s" in child.stdout.readline()
    child.communicate(timeout=10)


def test_lease_of_a_killed_process_of_this_machine_is_free_at_once(aws_env: Environment, table: str) -> None:
    child = hold_in_child(aws_env, table, 60.0)
    child.kill()
    # Dead for certain, and left for the parent to reap.
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    started_at = time.monotonic()
    # Not even reaped yet: a zombie writes nothing either.
    with lease(aws_env, table, "run-2", wait_seconds=0) as handle:
        assert handle.fence == 2
    assert time.monotonic() - started_at < 5
    child.communicate()


def test_lease_of_a_dead_holder_elsewhere_is_free_after_it_was_unchanged_for_its_whole_time(
    aws_env: Environment, table: str
) -> None:
    child = hold_in_child(aws_env, table, 1.0)
    child.kill()
    child.communicate()
    forget_process(aws_env, table)
    started_at = time.monotonic()
    with lease(aws_env, table, "run-2", seconds=1, wait_seconds=5):
        assert time.monotonic() - started_at >= 1.0


def test_wrong_wall_clock_of_a_holder_neither_frees_nor_keeps_its_lease(
    aws_env: Environment, table: str
) -> None:
    leases = ControlTable(aws_env, Control.LEASES)
    for stamp in ("1999-01-01T00:00:00.000+00:00", "2099-01-01T00:00:00.000+00:00"):
        with lease(aws_env, table, "run-1", seconds=1):
            pass
        current = leases.get(table)
        assert current is not None
        leases.replace(
            current, {**current, "released": False, "process": "another-boot:1:1", "renewed_at": stamp}
        )
        with pytest.raises(LeaseTakenError), lease(aws_env, table, "run-2", wait_seconds=0.5):
            pass
        with lease(aws_env, table, "run-2", wait_seconds=3):
            pass


def test_of_many_writers_one_at_a_time_holds_the_lease(aws_env: Environment, table: str) -> None:
    inside, highest, fences = 0, 0, []

    def write(i: int) -> None:
        nonlocal inside, highest
        with lease(aws_env, table, f"run-{i}", seconds=3, wait_seconds=30) as handle:
            inside += 1
            highest = max(highest, inside)
            fences.append(handle.fence)
            time.sleep(0.02)
            inside -= 1

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    assert highest == 1
    assert fences == [1, 2, 3, 4, 5, 6]
