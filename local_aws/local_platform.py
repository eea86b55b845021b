"""The local world: an embedded AWS and the source systems, started together and ended together."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lakehouse.environments.model import Environment
from local_aws.files import read_json, world_files
from local_aws.jars import ensure_jars
from local_aws.processes import ROOT, Identity, ServiceError, clean_environment

WORKDIR = ROOT / ".local"
IDLE_SECONDS = 4 * 3600.0
ALL_SERVICES = ("aws", "kafka", "snowflake", "postgres")
_STOP_SECONDS = 20
NOTE = "What it holds is in memory: ending the world empties it."


@dataclass
class World:
    """A world that is up. `overlay` is the file for LAKEHOUSE_OVERLAY; `was_up` tells that this call did not start it."""

    workdir: Path
    overlay: Path
    ports: dict[str, int]
    was_up: bool = False
    _supervisor: subprocess.Popen[str] | None = field(default=None, repr=False)

    @classmethod
    def up(
        cls,
        env: Environment,
        workdir: Path = WORKDIR,
        ports: Mapping[str, int] | None = None,
        *,
        detached: bool = False,
        idle_seconds: float = IDLE_SECONDS,
        only: Collection[str] = ALL_SERVICES,
        bare: bool = False,
    ) -> World:
        """Start a world, or find the one that is up.

        It ends with this process, or, `detached`, by `World.down`, a reboot, or after `idle_seconds` without a request to its AWS.
        `only` leaves out services, and their secrets with them. `bare` is an empty account: the stack fills it.
        Raises `ServiceError` (a port taken, a service that fails), `JavaMissingError` or `JarsError`, each with one line to show.
        """
        workdir = workdir.resolve()
        if (found := status(workdir)).up:
            return cls(workdir, world_files(workdir).overlay, found.ports, was_up=True)
        _clear_remains(workdir)
        jars = ensure_jars()
        plan = {
            "workdir": str(workdir), "environment": env.model_dump(mode="json"), "ports": dict(ports or {}), "detached": detached, "only": sorted(only), "bare": bare,
            "idle_seconds": idle_seconds, "jars": {"spark": str(jars.spark), "kafka": str(jars.kafka)}, "owner": os.getpid(),
        }  # fmt: skip
        supervisor = _start_supervisor(workdir, plan)
        return cls(workdir, world_files(workdir).overlay, status(workdir).ports, _supervisor=supervisor)

    def end(self) -> None:
        down(self.workdir)
        if self._supervisor is not None:
            self._supervisor.wait(_STOP_SECONDS)
            assert self._supervisor.stdin is not None
            self._supervisor.stdin.close()


@dataclass(frozen=True)
class Status:
    """What `lakehouse local status` shows; `dead` are services that ended though the world is up, `bare` is one that the stack fills."""

    up: bool
    workdir: Path
    ports: dict[str, int] = field(default_factory=dict)
    dead: list[str] = field(default_factory=list)
    since: str | None = None
    note: str = NOTE
    bare: bool = False


def status(workdir: Path = WORKDIR) -> Status:
    """Is there a world? A listing left behind by a crash is not one."""
    workdir = workdir.resolve()
    listing = read_json(world_files(workdir).services)
    if listing is None or not _identity(listing["supervisor"]).is_alive():
        return Status(False, workdir)
    services: dict[str, dict[str, Any]] = listing["services"]
    dead = [name for name, service in services.items() if not _identity(service).is_alive()]
    ports = {name: service["port"] for name, service in services.items()}
    return Status(True, workdir, ports, dead, listing["since"], bare=listing.get("bare", False))


def down(workdir: Path = WORKDIR) -> bool:
    """End the world of a work folder and whatever a crash left of one; False when there was none. Returns when all processes are gone."""
    workdir = workdir.resolve()
    listing = read_json(world_files(workdir).services)
    if listing is None:
        return False
    processes = [_identity(listing["supervisor"]), *map(_identity, listing["services"].values())]
    was_up = processes[0].is_alive()
    if was_up:
        os.kill(processes[0].pid, signal.SIGTERM)
        _await_end(processes, _STOP_SECONDS)
    _clear_remains(workdir)
    return was_up


@contextmanager
def world(
    env: Environment,
    workdir: Path = WORKDIR,
    ports: Mapping[str, int] | None = None,
    *,
    only: Collection[str] = ALL_SERVICES,
    bare: bool = False,
) -> Iterator[Path]:
    """A world for the length of a block, as the path of its overlay. One that was up before stays up."""
    here = World.up(env, workdir, ports, only=only, bare=bare)
    try:
        yield here.overlay
    finally:
        if not here.was_up:
            here.end()


def _identity(entry: dict[str, Any]) -> Identity:
    return Identity(int(entry["pid"]), float(entry["started"]))


def _start_supervisor(workdir: Path, plan: dict[str, Any]) -> subprocess.Popen[str]:
    log = world_files(workdir).log
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "local_aws.supervisor"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
            cwd=ROOT, env=clean_environment(), start_new_session=True,
        )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(plan) + "\n")
    process.stdin.flush()
    if plan["detached"]:
        process.stdin.close()
    with process.stdout as answers:
        outcome = json.loads(answers.readline() or "{}")
    if not outcome.get("ready"):
        process.wait(_STOP_SECONDS)
        raise ServiceError(outcome.get("error") or f"the local world did not start; see {log}")
    return process


def _clear_remains(workdir: Path) -> None:
    """End what a crash left behind, and take away the files that would point to it."""
    files = world_files(workdir)
    for entry in (read_json(files.services) or {}).get("services", {}).values():
        left = _identity(entry)
        if left.is_alive():
            os.kill(left.pid, signal.SIGKILL)
    for file in (files.overlay, files.services, files.secrets, files.control):
        file.unlink(missing_ok=True)
    shutil.rmtree(workdir / "data", ignore_errors=True)


def _await_end(processes: list[Identity], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(process.is_alive() for process in processes):
        if time.monotonic() > deadline:
            for process in filter(Identity.is_alive, processes):
                os.kill(process.pid, signal.SIGKILL)
            return
        time.sleep(0.05)
