"""The local platform: an embedded AWS and the source systems, started together and ended together."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lakehouse.environments.model import Environment
from lakehouse.project import Project
from local_aws.files import platform_files, read_json
from local_aws.plan import Plan, programs
from local_aws.processes import Identity, kill_after
from local_aws.state.store import STATE_FILE, StateError, StateFolder
from local_aws.supervisor_process import STOP_SECONDS, start_supervisor

# A month of the retailer is saved in seconds.
SAVE_SECONDS = 1800.0
IDLE_SECONDS = 4 * 3600.0
ALL_SERVICES = ("aws", "kafka", "snowflake", "postgres")
NOTE = "What it holds is in memory: ending the platform empties it."


@dataclass
class LocalPlatform:
    """A platform that is up.

    `overlay` is the file for LAKEHOUSE_OVERLAY. `was_up` is true when it was up before this call.
    """

    workdir: Path
    overlay: Path
    ports: dict[str, int]
    was_up: bool = False
    _supervisor: subprocess.Popen[str] | None = field(default=None, repr=False)

    @classmethod
    def start(
        cls,
        env: Environment,
        workdir: Path | None = None,
        ports: Mapping[str, int] | None = None,
        *,
        detached: bool = False,
        idle_seconds: float = IDLE_SECONDS,
        only: Collection[str] = ALL_SERVICES,
        empty_account: bool = False,
        state: Path | None = None,
        java_options: Mapping[str, list[str]] | None = None,
    ) -> LocalPlatform:
        """Start a platform, or find the one that is up. The work folder defaults to the project's `.local`.

        It ends with this process; `detached`, by `down`, a reboot, or `idle_seconds` without a request.
        `only`: the services. `empty_account`: no bucket, table or secret, which the stack creates.
        `state`: the folder that the world is filled from, and saved into at an orderly end.
        `java_options` of `kafka` and `spark` replace those of the class archives.
        Raises `ServiceError` (a port taken, a service that fails), `StateError`, `JavaMissingError` or
        `JarsError`.
        """
        overlay, current = platform_files(workdir := _workdir(workdir)).overlay, status(workdir)
        if state is not None:
            state = state.resolve()
            _require_state(current, state)
        if current.up:
            return cls(workdir, overlay, current.ports, was_up=True)
        _clear_remains(workdir)
        supervisor = start_supervisor(
            Plan(
                workdir=workdir,
                environment=env,
                services=sorted(only),
                ports=dict(ports or {}),
                detached=detached,
                empty_account=empty_account,
                state=state,
                idle_seconds=idle_seconds,
                owner=os.getpid(),
                **programs(java_options),
            )
        )
        return cls(workdir, overlay, status(workdir).ports, _supervisor=supervisor)

    def stop(self) -> None:
        down(self.workdir)
        if self._supervisor is not None:
            self._supervisor.wait(STOP_SECONDS)
            if self._supervisor.stdin is not None:
                self._supervisor.stdin.close()


@dataclass(frozen=True)
class Status:
    """The answer of `lakehouse local status`.

    `dead` are services that ended while the platform is up. `empty_account`: the stack fills the account.
    """

    up: bool
    workdir: Path
    ports: dict[str, int] = field(default_factory=dict)
    dead: list[str] = field(default_factory=list)
    since: str | None = None
    note: str = NOTE
    empty_account: bool = False
    state: Path | None = None


def status(workdir: Path | None = None) -> Status:
    """Whether a platform is up in the work folder. A listing that a crash left behind does not count."""
    workdir = _workdir(workdir)
    listing = read_json(platform_files(workdir).services)
    if listing is None or not Identity.from_json(listing["supervisor"]).is_alive():
        return Status(False, workdir)
    services = listing["services"]
    dead = [name for name, service in services.items() if not Identity.from_json(service).is_alive()]
    ports = {name: service["port"] for name, service in services.items()}
    state = Path(listing["state"]) if listing.get("state") else None
    note = f"What it holds is saved in {state} when it ends." if state else NOTE
    bare = listing.get("bare", False)
    return Status(True, workdir, ports, dead, listing["since"], note, bare, state)


def down(workdir: Path | None = None) -> bool:
    """Stops the platform of a work folder, and processes that a crash has left. False when none was up.

    Returns when all its processes have ended.
    """
    workdir = _workdir(workdir)
    listing = read_json(platform_files(workdir).services)
    if listing is None:
        return False
    supervisor = Identity.from_json(listing["supervisor"])
    was_up = supervisor.is_alive()
    if was_up:
        os.kill(supervisor.pid, signal.SIGTERM)
        seconds = SAVE_SECONDS if listing.get("state") else STOP_SECONDS
        kill_after([supervisor, *map(Identity.from_json, listing["services"].values())], seconds)
    _clear_remains(workdir)
    return was_up


@contextmanager
def local_platform(
    env: Environment,
    workdir: Path | None = None,
    ports: Mapping[str, int] | None = None,
    *,
    only: Collection[str] = ALL_SERVICES,
    empty_account: bool = False,
) -> Iterator[Path]:
    """A platform for the length of a block, as the path of its overlay. One that was up before stays up."""
    platform = LocalPlatform.start(env, workdir, ports, only=only, empty_account=empty_account)
    try:
        yield platform.overlay
    finally:
        if not platform.was_up:
            platform.stop()


def _require_state(current: Status, state: Path) -> None:
    """Raises StateError for a folder that holds something else, or when another world is up."""
    if current.up and current.state != state:
        raise StateError(f"a world that is up is not saved in {state}; end it first: `lakehouse local down`")
    StateFolder(state).read()
    if state.is_dir() and not (state / STATE_FILE).exists() and any(state.iterdir()):
        raise StateError(f"{state} is no folder of a saved world and is not empty")
    state.mkdir(parents=True, exist_ok=True)


def _workdir(given: Path | None) -> Path:
    return (given or Project.find().local).resolve()


def _clear_remains(workdir: Path) -> None:
    """End what a crash left behind, and remove the files that would point to it."""
    files = platform_files(workdir)
    for entry in (read_json(files.services) or {}).get("services", {}).values():
        service = Identity.from_json(entry)
        if service.is_alive():
            os.kill(service.pid, signal.SIGKILL)
    files.remove()
    shutil.rmtree(workdir / "data", ignore_errors=True)
