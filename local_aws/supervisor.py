"""The process that holds a local platform.

It starts the services, and ends them when its owner ends, on a signal, or when nobody uses them.
`python -m local_aws.supervisor` reads the plan (JSON) from the first line of standard input, and writes the
outcome (JSON) as the first line of standard output.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from local_aws import aws, ports
from local_aws.control import ServicePool, open_pipe, requests
from local_aws.files import platform_files, read_json, write_private
from local_aws.java import java_home
from local_aws.plan import Plan
from local_aws.processes import Identity, Service, ServiceError, stop
from local_aws.service_set import login_secrets, start_services
from local_aws.state.store import StateFolder, keys_of

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_WATCH_SECONDS = 2


class _Stopped(BaseException):
    """A signal asks the platform to end."""


def main() -> int:
    for number in _SIGNALS:
        signal.signal(number, _on_signal)
    plan = Plan.model_validate_json(os.fdopen(0, "rb", buffering=0, closefd=False).readline())
    lock = take_lock(plan.workdir)
    if lock is None:
        return _reply(error=f"another local platform is starting or up in {plan.workdir}")
    pool = ServicePool({})
    try:
        _clear(plan.workdir)
        _start(plan, pool)
        pipe = open_pipe(plan.workdir)
        _reply(ready=True)
        _watch(plan, pool, pipe)
    except ServiceError as error:
        return _reply(error=str(error))
    except _Stopped:
        pass
    finally:
        _save(plan, pool)
        _end(plan.workdir, pool.running)
    return 0


def take_lock(workdir: Path) -> TextIO | None:
    """The sole right to a work folder; the kernel gives it back however this process ends."""
    workdir.mkdir(parents=True, exist_ok=True)
    lock = platform_files(workdir).lock.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _clear(workdir: Path) -> None:
    """Remove the data and logs of an earlier platform."""
    shutil.rmtree(workdir / "data", ignore_errors=True)
    for log in (workdir / "logs").glob("*.log"):
        if log != platform_files(workdir).log:  # this process has just opened its own
            log.unlink()


def _on_signal(_number: int, _frame: object) -> None:
    raise _Stopped


def _start(plan: Plan, pool: ServicePool) -> None:
    chosen = ports.choose(plan.ports)
    start_services(plan, chosen, pool)
    _write_overlay(plan, chosen)
    since = datetime.now(UTC).isoformat(timespec="seconds")
    pool.on_change = lambda: _write_listing(plan, list(pool.services.values()), since)
    pool.on_change()


def _write_overlay(plan: Plan, chosen: dict[str, int]) -> None:
    overlay = {
        "aws": {
            "endpoint": aws.endpoint(chosen["aws"]),
            "access_key": aws.ACCESS_KEY,
            "secret_key": aws.SECRET_KEY,
            "proxy_port": chosen["aws_proxy"],
        },
        "spark": {
            "jars_dir": str(plan.spark_jars),
            "java_home": str(java_home()),
            "java_options": plan.java_options.get("spark", []),
        },
    }
    write_private(platform_files(plan.workdir).overlay, overlay)


def _write_listing(plan: Plan, services: list[Service], since: str) -> None:
    listing = {
        "supervisor": vars(Identity.of(os.getpid())),
        "services": {
            service.name: {
                **vars(Identity.of(service.process.pid)),
                "port": service.port,
                "log": str(service.log),
            }
            for service in services
        },
        "since": since,
        "detached": plan.detached,
        "bare": plan.empty_account,
        "state": str(plan.state) if plan.state else None,
        "idle_seconds": plan.idle_seconds,
    }
    write_private(platform_files(plan.workdir).services, listing)


def _watch(plan: Plan, pool: ServicePool, pipe: int) -> None:
    """Stop and start services on request. Returns when the platform should end."""
    owner_pipe = [] if plan.detached else [sys.stdin]
    started, activity = time.time(), aws.activity_file(plan.workdir)
    while True:
        readable = select.select([*owner_pipe, pipe], [], [], _WATCH_SECONDS)[0]
        if sys.stdin in readable or (not plan.detached and os.getppid() != plan.owner):
            return
        for request in requests(pipe) if pipe in readable else ():
            pool.handle(request, plan.workdir)
        last_use = max(started, activity.stat().st_mtime if activity.exists() else 0)
        if time.time() - last_use > plan.idle_seconds or pool.ended:
            return


def _save(plan: Plan, pool: ServicePool) -> None:
    """Save a world that was ready into its folder. A world that never was must not replace the last one."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    listing = read_json(platform_files(plan.workdir).services)
    if plan.state is None or listing is None or "aws" not in pool.services:
        return
    endpoint, env = aws.endpoint(pool.services["aws"].port), plan.environment
    try:
        keys = keys_of(env, endpoint, aws.ACCESS_KEY, login_secrets(env))
        StateFolder(plan.state).save(env, endpoint, aws.ACCESS_KEY, keys)
    except Exception as error:  # the world ends all the same, and what was saved before stays
        print(f"the state was not saved in {plan.state}: {error}", file=sys.stderr)


def _end(workdir: Path, services: list[Service]) -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    with ThreadPoolExecutor(len(services) or 1) as threads:
        list(threads.map(stop, services))
    platform_files(workdir).remove()
    shutil.rmtree(workdir / "data", ignore_errors=True)


def _reply(*, ready: bool = False, error: str | None = None) -> int:
    """Answers the caller and closes the pipe: a detached platform must not keep its shell waiting."""
    print(json.dumps({"ready": True} if ready else {"error": error}), flush=True)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
    return 0 if ready else 1


if __name__ == "__main__":
    sys.exit(main())
