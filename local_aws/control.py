"""Stops and starts services of a platform that is up, in place: on the same port, with their data on disk.

Only the supervisor starts services, for it is their parent. Requests go through a pipe in the work folder;
each answer is a file.
"""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from local_aws.files import platform_files, read_json, write_private
from local_aws.processes import Service, ServiceError, stop, wait_until_ready

# The signals that end each service in order and by a crash. A broker that crashed waits for its own old
# session before it serves again; PostgreSQL recovers from its log. The other services hold data in memory.
RESTARTABLE = {
    "kafka": {"stop": signal.SIGTERM, "crash": signal.SIGKILL},
    "postgres": {"stop": signal.SIGINT, "crash": signal.SIGQUIT},
}
_STOP_SECONDS = 20
_ANSWER_SECONDS = 90
_READY_SECONDS = 60


@dataclass
class ServicePool:
    """The services of a platform by name, how each is made, and those that were stopped on purpose."""

    factories: dict[str, Callable[[], Service]]
    on_change: Callable[[], None] = lambda: None
    services: dict[str, Service] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)

    @property
    def ended(self) -> bool:
        """Whether all services have ended by themselves."""
        return not self.stopped and all(
            service.process.poll() is not None for service in self.services.values()
        )

    @property
    def running(self) -> list[Service]:
        return [service for name, service in self.services.items() if name not in self.stopped]

    def start(self, name: str) -> Service:
        self.services[name] = self.factories[name]()
        return self.services[name]

    def handle(self, request: str, workdir: Path) -> None:
        """Handle `<answer id> stop|crash|start <service>`, in the main thread, for it may start a process."""
        answer, action, name = request.split()
        outcome: dict[str, object] = {"done": True}
        try:
            self._do(action, name)
        except (ServiceError, OSError) as error:
            outcome = {"done": False, "error": str(error)}
        write_private(_answer(workdir, answer), outcome)

    def _do(self, action: str, name: str) -> None:
        service = self.services[name]
        if action != "start":
            self.stopped.add(name)
            stop(replace(service, stop_signal=RESTARTABLE[name][action]), _STOP_SECONDS)
        elif service.process.poll() is not None:
            wait_until_ready(self.start(name), _READY_SECONDS)
            self.stopped.discard(name)
            self.on_change()


def open_pipe(workdir: Path) -> int:
    """The supervisor's end. It is open for writing too, so that it never ends."""
    path = platform_files(workdir).control
    path.unlink(missing_ok=True)
    os.mkfifo(path, 0o600)
    return os.open(path, os.O_RDWR | os.O_NONBLOCK)


def requests(pipe: int) -> list[str]:
    """The requests since the last call. A line is written at once, so it is read whole."""
    return os.read(pipe, 65_536).decode().splitlines()


def stop_service(workdir: Path, name: str, *, crash: bool = False) -> None:
    """End a service, and return when it is gone. Its data on disk stays. Raises ServiceError."""
    _request(workdir, "crash" if crash else "stop", name)


def start_service(workdir: Path, name: str) -> None:
    """Start a stopped service on its old port, and return when it answers. Raises ServiceError."""
    _request(workdir, "start", name)


def restart_service(workdir: Path, name: str, *, crash: bool = False) -> None:
    """Stop the service, or crash it, and start it. Raises ServiceError."""
    stop_service(workdir, name, crash=crash)
    start_service(workdir, name)


def _request(workdir: Path, action: str, name: str) -> None:
    listing = read_json(platform_files(workdir).services) or {"services": {}}
    if name not in RESTARTABLE or name not in listing["services"]:
        possible = ", ".join(service for service in RESTARTABLE if service in listing["services"])
        raise ServiceError(
            f"'{name}' cannot be stopped or started in place; these can: {possible or 'none is up'}"
        )
    answer = uuid.uuid4().hex
    pipe = os.open(platform_files(workdir).control, os.O_WRONLY | os.O_NONBLOCK)
    try:
        os.write(pipe, f"{answer} {action} {name}\n".encode())
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
    raise ServiceError("the platform's supervisor does not answer")


def _answer(workdir: Path, answer: str) -> Path:
    return workdir / f"control.{answer}.json"
