"""Services of a world that is up are stopped and started again in place: on the same port, with what they hold on disk.

The supervisor alone starts services, for it is their parent. It is asked through a pipe in the work folder, and answers in a file.
"""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from local_aws.files import read_json, world_files, write_private
from local_aws.processes import Service, ServiceError, stop, wait_until_ready

# How each is asked to end, and how it is made to crash. A broker that crashed waits for its own old session before it serves again, and
# PostgreSQL recovers from its log. The other services hold what they have in memory.
RESTARTABLE = {
    "kafka": {"stop": signal.SIGTERM, "crash": signal.SIGKILL},
    "postgres": {"stop": signal.SIGINT, "crash": signal.SIGQUIT},
}
_STOP_SECONDS = 20
_ANSWER_SECONDS = 90
_READY_SECONDS = 60


@dataclass
class Crew:
    """The services of a world by name, how each is made, and those that were stopped on purpose."""

    makers: dict[str, Callable[[], Service]]
    listed: Callable[[], None] = lambda: None
    services: dict[str, Service] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)

    @property
    def ended(self) -> bool:
        """Have all services ended by themselves?"""
        return not self.stopped and all(
            service.process.poll() is not None for service in self.services.values()
        )

    @property
    def here(self) -> list[Service]:
        return [service for name, service in self.services.items() if name not in self.stopped]

    def hire(self, name: str) -> Service:
        self.services[name] = self.makers[name]()
        return self.services[name]

    def obey(self, request: str, workdir: Path) -> None:
        """`<answer id> stop|crash|start <service>`. Call it from the main thread: it may start a process."""
        answer, what, name = request.split()
        outcome: dict[str, object] = {"done": True}
        try:
            self._do(what, name)
        except (ServiceError, OSError) as error:
            outcome = {"done": False, "error": str(error)}
        write_private(_answer(workdir, answer), outcome)

    def _do(self, what: str, name: str) -> None:
        service = self.services[name]
        if what != "start":
            self.stopped.add(name)
            stop(replace(service, stop_signal=RESTARTABLE[name][what]), _STOP_SECONDS)
        elif service.process.poll() is not None:
            wait_until_ready(self.hire(name), _READY_SECONDS)
            self.stopped.discard(name)
            self.listed()


def open_pipe(workdir: Path) -> int:
    """The supervisor's end. It is open for writing too, so that it never ends."""
    path = world_files(workdir).control
    path.unlink(missing_ok=True)
    os.mkfifo(path, 0o600)
    return os.open(path, os.O_RDWR | os.O_NONBLOCK)


def stop_service(workdir: Path, name: str, *, crash: bool = False) -> None:
    """End a service of the world that is up, and return when it is gone. What it keeps on disk stays. Raises ServiceError."""
    _ask(workdir, "crash" if crash else "stop", name)


def start_service(workdir: Path, name: str) -> None:
    """Start it again where it was, and return when it answers; nothing happens while it lives. Raises ServiceError."""
    _ask(workdir, "start", name)


def restart_service(workdir: Path, name: str, *, crash: bool = False) -> None:
    stop_service(workdir, name, crash=crash)
    start_service(workdir, name)


def _ask(workdir: Path, what: str, name: str) -> None:
    listing = read_json(world_files(workdir).services) or {"services": {}}
    if name not in RESTARTABLE or name not in listing["services"]:
        there = ", ".join(known for known in RESTARTABLE if known in listing["services"]) or "none is up"
        raise ServiceError(f"'{name}' cannot be stopped or started in place; what can: {there}")
    answer = uuid.uuid4().hex
    pipe = os.open(world_files(workdir).control, os.O_WRONLY | os.O_NONBLOCK)
    try:
        os.write(pipe, f"{answer} {what} {name}\n".encode())
    finally:
        os.close(pipe)
    outcome = _await(_answer(workdir, answer))
    if not outcome["done"]:
        raise ServiceError(str(outcome["error"]))


def _await(file: Path) -> dict[str, object]:
    deadline = time.monotonic() + _ANSWER_SECONDS
    while time.monotonic() < deadline:
        if (outcome := read_json(file)) is not None:
            file.unlink()
            return outcome
        time.sleep(0.02)
    raise ServiceError("the world's supervisor does not answer")


def _answer(workdir: Path, answer: str) -> Path:
    return workdir / f"control.{answer}.json"


def requests(pipe: int) -> list[str]:
    """What was asked since the last look. A line is written at once, so it is read whole."""
    return os.read(pipe, 65_536).decode().splitlines()
