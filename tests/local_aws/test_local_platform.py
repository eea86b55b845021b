"""A local platform ends when it should, leaves nothing behind, and says what is wrong in one line."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lakehouse.environments import Environment, load_environment
from local_aws.files import platform_files
from local_aws.local_platform import ALL_SERVICES, LocalPlatform, down, status
from local_aws.processes import Identity, ServiceError

START = """
import sys, time
from pathlib import Path
from lakehouse.environments import load_environment
from local_aws.local_platform import LocalPlatform
how, idle, only = sys.argv[2], float(sys.argv[3]), sys.argv[4].split(",")
detached = how == "detached"
env, workdir = load_environment("local"), Path(sys.argv[1])
LocalPlatform.start(env, workdir, detached=detached, idle_seconds=idle, only=only)
print("up", flush=True)
if how != "detached":
    time.sleep(600)
"""


def _start(
    workdir: Path, how: str, idle_seconds: float = 600, services: tuple[str, ...] = ("aws", "postgres")
) -> subprocess.Popen[str]:
    owner = subprocess.Popen(
        [sys.executable, "-c", START, str(workdir), how, str(idle_seconds), ",".join(services)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == "up\n"
    return owner


def _processes(workdir: Path) -> list[Identity]:
    listing = json.loads(platform_files(workdir).services.read_text())
    processes = [
        Identity(entry["pid"], entry["started"])
        for entry in (listing["supervisor"], *listing["services"].values())
    ]
    assert len(processes) > 1
    assert all(process.is_alive() for process in processes)
    return processes


def _all_end(processes: list[Identity], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while any(process.is_alive() for process in processes) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not any(process.is_alive() for process in processes)


def test_a_second_start_finds_the_platform_that_is_up(local_env: Environment) -> None:
    workdir = Path(os.environ["LAKEHOUSE_OVERLAY"]).parent
    again = LocalPlatform.start(local_env, workdir)
    assert again.was_up
    assert f"http://127.0.0.1:{again.ports['aws']}" == local_env.aws.endpoint
    assert status(workdir).dead == []


def test_state_files_are_private_and_hold_no_password(local_env: Environment) -> None:
    files = platform_files(Path(os.environ["LAKEHOUSE_OVERLAY"]).parent)
    assert {stat.S_IMODE(file.stat().st_mode) for file in (files.overlay, files.services)} == {0o600}
    assert "password" not in files.overlay.read_text() + files.services.read_text()


def test_killed_owner_leaves_no_process(tmp_path: Path) -> None:
    owner = _start(tmp_path, "owned", services=ALL_SERVICES)
    processes = _processes(tmp_path)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    assert _all_end(processes)
    assert not status(tmp_path).up
    assert not platform_files(tmp_path).overlay.exists()


def test_killed_supervisor_leaves_no_process_and_a_stale_listing_is_recognised(tmp_path: Path) -> None:
    _start(tmp_path, "detached", services=ALL_SERVICES).wait()
    supervisor, *services = _processes(tmp_path)
    os.kill(supervisor.pid, signal.SIGKILL)
    assert _all_end(services)
    assert platform_files(tmp_path).services.exists()
    assert not status(tmp_path).up
    down(tmp_path)
    assert not platform_files(tmp_path).services.exists()


def test_a_detached_platform_outlives_its_starter_until_down(tmp_path: Path) -> None:
    assert _start(tmp_path, "detached").wait() == 0
    processes = _processes(tmp_path)
    assert down(tmp_path)
    assert _all_end(processes, 0.1)
    assert not down(tmp_path)


def test_an_unused_platform_ends_itself(tmp_path: Path) -> None:
    _start(tmp_path, "detached", idle_seconds=1).wait()
    listing = json.loads(platform_files(tmp_path).services.read_text())
    assert _all_end([Identity(listing["supervisor"]["pid"], listing["supervisor"]["started"])])
    assert not platform_files(tmp_path).services.exists()


def test_port_taken_is_named_with_its_holder(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            ServiceError,
            match=rf"port {port} for postgres cannot be used: .*\(process {os.getpid()}\) listens there",
        ):
            LocalPlatform.start(load_environment("local"), tmp_path, {"postgres": port})
    assert not status(tmp_path).up
