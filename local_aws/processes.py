"""Starts, watches and ends processes."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil as _psutil

psutil: Any = _psutil  # it ships no types
_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_INSIDE_UID = 1000
NOBODY = 65534
_FOREIGN = ("AWS_", "MOTO_", "PG", "KAFKA_", "SNOWFLAKE_", "FAKESNOW_")


class ServiceError(RuntimeError):
    """A service of the local platform could not be started; the message is one line."""


@dataclass(frozen=True)
class Service:
    """One running service.

    `ready` says whether a real client gets an answer; it may raise the exceptions of that client.
    """

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    ready: Callable[[], bool]
    stop_signal: signal.Signals = signal.SIGKILL


@dataclass(frozen=True)
class Identity:
    """A process by its id and start time (seconds since the epoch): ids are used again."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> Identity:
        return cls(pid, psutil.Process(pid).create_time())

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> Identity:
        """Of an entry of services.json."""
        return cls(int(entry["pid"]), float(entry["started"]))

    def is_alive(self) -> bool:
        try:
            process = psutil.Process(self.pid)
            return bool(
                abs(process.create_time() - self.started) < 1 and process.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.NoSuchProcess:
            return False


def clean_environment() -> dict[str, str]:
    """This process's variables, without those that lead a client to the user's own AWS, database or proxy."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_FOREIGN) and not name.lower().endswith("_proxy")
    }
    return {
        **inherited,
        "NO_PROXY": "*",
        "no_proxy": "*",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def spawn(
    argv: list[str],
    log: Path,
    *,
    stdin: str = "",
    env: dict[str, str] | None = None,
    leave_root: bool = False,
    on_owner_death: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, in the folder of its log.

    Call it from the main thread: Linux ends the child when the *thread* that made it ends.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    owner = os.getpid()

    def before_exec() -> None:
        if leave_root:
            map_root_away()
        die_with(owner, on_owner_death)

    with log.open("ab") as out:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            cwd=log.parent,
            env={**clean_environment(), **(env or {})},
            start_new_session=True,
            preexec_fn=before_exec,
        )
    if process.stdin is not None:
        with process.stdin as pipe:
            pipe.write(stdin.encode())
    return process


def die_with(owner: int, how: signal.Signals) -> None:
    """Ask Linux to send `how` when the parent ends; on other systems the supervisor ends its services."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(how), 0, 0, 0)
    if os.getppid() != owner:  # it ended before the call
        os.kill(os.getpid(), signal.SIGKILL)


def map_root_away() -> None:
    """Become a normal user in a new user namespace: PostgreSQL refuses root, and must read files of root."""
    uid, gid = os.geteuid(), os.getegid()
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWUSER):
        # A container may forbid namespaces; there another user is the only way.
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        return
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/gid_map").write_text(f"{_INSIDE_UID} {gid} 1")
    Path("/proc/self/uid_map").write_text(f"{_INSIDE_UID} {uid} 1")


def wait_until_ready(service: Service, seconds: float) -> None:
    """Raise `ServiceError` when the service ends or does not answer in time."""
    deadline = time.monotonic() + seconds
    reason = "no answer"
    while time.monotonic() < deadline:
        if (code := service.process.poll()) is not None:
            raise ServiceError(
                f"{service.name} ended with code {code}: {last_line(service.log)} (whole log: {service.log})"
            )
        try:
            if service.ready():
                return
        except Exception as error:  # every client has its own kind of "not yet"
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        time.sleep(0.1)
    raise ServiceError(f"{service.name} was not ready after {seconds:.0f} s: {reason} (log: {service.log})")


def last_line(log: Path) -> str:
    lines = (
        [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
        if log.exists()
        else []
    )
    return lines[-1][:300] if lines else "it logged nothing"


def kill_after(processes: list[Identity], seconds: float) -> None:
    """Wait until all processes have ended, and kill those that still live after `seconds`."""
    deadline = time.monotonic() + seconds
    while any(process.is_alive() for process in processes):
        if time.monotonic() > deadline:
            for process in filter(Identity.is_alive, processes):
                os.kill(process.pid, signal.SIGKILL)
            return
        time.sleep(0.05)


def stop(service: Service, seconds: float = 3) -> None:
    """Stop a service and its children: by its own signal first, after `seconds` by SIGKILL."""
    for how in (service.stop_signal, signal.SIGKILL):
        try:
            os.killpg(service.process.pid, how)
        except ProcessLookupError:
            pass
        try:
            service.process.wait(seconds)
            return
        except subprocess.TimeoutExpired:
            continue
