"""The right to write a table: one holder, renewed, lost when it stalls, free when it dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from glue_jobs.state.control_table import Items
from glue_jobs.state.lease import LeaseLostError, LeaseTakenError, lease, leases
from glue_jobs.state.process import is_gone, this_process
from lakehouse.environments import Environment
from lakehouse.environments.names import Control

ROOT = Path(__file__).parents[3]
HOLD = """
import sys, json, time
from lakehouse.environments.model import Environment
from glue_jobs.state.lease import LeaseLostError, lease
env = Environment.model_validate_json(sys.argv[1])
with lease(env, sys.argv[2], "child", seconds=float(sys.argv[3])) as held:
    print(held.fence, flush=True)
    sys.stdin.readline()
    try:
        held.check()
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
    """Make the lease look as one that another machine holds, so that nothing can be known of its process."""
    items = Items(env, Control.LEASES)
    found = items.get(table)
    assert found is not None
    items.replace(found, {**found, "process": "another-boot:pid:[1]:1:1"})


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
    with lease(aws_env, table, "run-2", seconds=2, wait_seconds=5) as held:
        held.check()
        assert held.holder == "run-2"
    thread.join()
    assert released.is_set()


def test_fence_grows_with_every_holder_and_survives_release(aws_env: Environment, table: str) -> None:
    fences = []
    for i in range(3):
        with lease(aws_env, table, f"run-{i}") as held:
            fences.append(held.fence)
    assert fences == [1, 2, 3]


def test_lease_is_held_for_longer_than_it_lasts_by_renewal(aws_env: Environment, table: str) -> None:
    with lease(aws_env, table, "run-1", seconds=0.6) as held:
        for _ in range(4):
            time.sleep(0.4)
            held.check()
        with pytest.raises(LeaseTakenError), lease(aws_env, table, "run-2", seconds=0.6, wait_seconds=1):
            pass


def test_lease_whose_replies_are_lost_is_taken_renewed_and_released(lossy: Any, table: str) -> None:
    lossy.lose_replies("PutItem", times=1)
    with lease(lossy.env, table, "run-1", seconds=3) as held:
        assert len(lossy.fired) == 1
        assert held.fence == 1
        lossy.lose_replies("PutItem", times=1)
        time.sleep(1.5)
        assert len(lossy.fired) == 2
        held.check()
        lossy.lose_replies("PutItem", times=1)
    assert len(lossy.fired) == 3
    with lease(lossy.env, table, "run-2", seconds=3) as held:
        assert held.fence == 2


def test_holder_that_cannot_renew_loses_the_lease_by_its_own_clock(lossy: Any, table: str) -> None:
    with lease(lossy.env, table, "run-1", seconds=0.6) as held:
        lossy.refuse("dynamodb", "PutItem")
        time.sleep(0.8)
        with pytest.raises(LeaseLostError, match=r"not renewed for 0\.6 s"):
            held.check()
        lossy.heal()
        time.sleep(0.3)
        with pytest.raises(LeaseLostError):
            held.check()


def test_holder_stopped_past_its_expiry_loses_the_lease(aws_env: Environment, table: str) -> None:
    child = hold_in_child(aws_env, table, 1.0)
    assert child.stdin is not None
    assert child.stdout is not None
    child.send_signal(signal.SIGSTOP)
    # Stopped is not gone: only time may free it.
    with lease(aws_env, table, "run-2", seconds=1, wait_seconds=5) as held:
        assert held.fence == 2
        child.stdin.write("\n")
        child.stdin.flush()
        child.send_signal(signal.SIGCONT)
        assert "RUN021" in child.stdout.readline()
        child.communicate(timeout=10)
        held.check()


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
    began = time.monotonic()
    # Not even reaped yet: a zombie writes nothing either.
    with lease(aws_env, table, "run-2", wait_seconds=0) as held:
        assert held.fence == 2
    assert time.monotonic() - began < 5
    child.communicate()


def test_lease_of_a_dead_holder_elsewhere_is_free_after_it_was_unchanged_for_its_whole_time(
    aws_env: Environment, table: str
) -> None:
    child = hold_in_child(aws_env, table, 1.0)
    child.kill()
    child.communicate()
    forget_process(aws_env, table)
    began = time.monotonic()
    with lease(aws_env, table, "run-2", seconds=1, wait_seconds=5):
        assert time.monotonic() - began >= 1.0


def test_wrong_wall_clock_of_a_holder_neither_frees_nor_keeps_its_lease(
    aws_env: Environment, table: str
) -> None:
    items = Items(aws_env, Control.LEASES)
    for stamp in ("1999-01-01T00:00:00.000+00:00", "2099-01-01T00:00:00.000+00:00"):
        with lease(aws_env, table, "run-1", seconds=1):
            pass
        found = items.get(table)
        assert found is not None
        items.replace(found, {**found, "released": False, "process": "another-boot:1:1", "renewed_at": stamp})
        with pytest.raises(LeaseTakenError), lease(aws_env, table, "run-2", wait_seconds=0.5):
            pass
        with lease(aws_env, table, "run-2", wait_seconds=3):
            pass


def test_check_sees_that_another_run_took_the_lease(aws_env: Environment, table: str) -> None:
    items = Items(aws_env, Control.LEASES)
    with lease(aws_env, table, "run-1", seconds=30) as held:
        found = items.get(table)
        assert found is not None
        items.replace(found, {**found, "holder": "thief", "fence": found["fence"] + 1})
        with pytest.raises(LeaseLostError, match="taken by run thief"):
            held.check()
    left = items.get(table)
    assert left is not None
    assert (left["holder"], left["released"]) == ("thief", False)


def test_of_many_writers_one_at_a_time_holds_the_lease(aws_env: Environment, table: str) -> None:
    inside, most, fences = 0, 0, []

    def write(i: int) -> None:
        nonlocal inside, most
        with lease(aws_env, table, f"run-{i}", seconds=3, wait_seconds=30) as held:
            inside += 1
            most = max(most, inside)
            fences.append(held.fence)
            time.sleep(0.02)
            inside -= 1

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    assert most == 1
    assert fences == [1, 2, 3, 4, 5, 6]


def test_several_leases_are_taken_in_one_order_whatever_was_asked(aws_env: Environment, table: str) -> None:
    wanted = [f"{table}_{i}" for i in range(3)]

    def write(order: list[str]) -> list[str]:
        with leases(aws_env, order, str(order), seconds=3, wait_seconds=20) as held:
            time.sleep(0.05)
            return list(held)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(write, [wanted, wanted[::-1]])) == [wanted, wanted]


def test_failure_inside_the_block_releases_the_lease(aws_env: Environment, table: str) -> None:
    with pytest.raises(KeyError), lease(aws_env, table, "run-1"):
        raise KeyError("x")
    with lease(aws_env, table, "run-2") as held:
        assert held.fence == 2


def test_process_is_known_to_run_to_be_gone_or_not_known() -> None:
    assert is_gone(this_process()) is False
    place, _, started = this_process().rsplit(":", 2)
    assert is_gone(f"{place}:{2**22 + 1}:1") is True
    assert is_gone(f"{place}:{os.getpid()}:{int(started) - 1}") is True
    assert is_gone("another machine:1:1") is None
    assert is_gone("") is None
    assert json.dumps(this_process())
