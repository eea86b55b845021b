"""The process that holds a local world: it starts the services, and ends them when its owner ends, when asked, or when nobody uses them.

`python -m local_aws.supervisor`; the first line of standard input is the plan (JSON), the first line of standard output the outcome (JSON).
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from lakehouse.environments.model import Environment
from local_aws import aws, bootstrap, kafka, lakebase, ports, postgres, snowflake
from local_aws.control import Crew, open_pipe, requests
from local_aws.files import world_files, write_private
from local_aws.java import java_home
from local_aws.processes import Identity, Service, ServiceError, stop, wait_until_ready

_READY_SECONDS = 60


class _Stopped(BaseException):
    """A signal asked this world to end."""


def main() -> int:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _on_signal)
    plan = json.loads(os.fdopen(0, "rb", buffering=0, closefd=False).readline())
    workdir = Path(plan["workdir"])
    lock = take_lock(workdir)
    if lock is None:
        return _tell(error=f"another local world is starting or up in {workdir}")
    crew = Crew({})
    try:
        _clear(workdir)
        _start(plan, workdir, crew)
        pipe = open_pipe(workdir)
        _tell(ready=True)
        _watch(plan, workdir, crew, pipe)
    except ServiceError as error:
        return _tell(error=str(error))
    except _Stopped:
        pass
    finally:
        _end(workdir, crew.here)
    return 0


def take_lock(workdir: Path) -> TextIO | None:
    """The sole right to a work folder; the kernel gives it back however this process ends."""
    workdir.mkdir(parents=True, exist_ok=True)
    lock = world_files(workdir).lock.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _clear(workdir: Path) -> None:
    """Nothing of an earlier world is taken over."""
    shutil.rmtree(workdir / "data", ignore_errors=True)
    for log in (workdir / "logs").glob("*.log"):
        if log != world_files(workdir).log:  # this process's own, just opened
            log.unlink()


def _on_signal(_number: int, _frame: object) -> None:
    raise _Stopped


def _start(plan: dict[str, Any], workdir: Path, crew: Crew) -> None:
    env = Environment.model_validate(plan["environment"])
    port = ports.choose(plan["ports"])
    password = {name: secrets.token_urlsafe(24) for name in ("snowflake", "postgres", "lakebase")}
    crew.makers |= {
        "aws": lambda: aws.start(workdir, port["aws"], port["aws_proxy"]),
        "kafka": lambda: kafka.start(
            workdir, port["kafka"], port["kafka_controller"], Path(plan["jars"]["kafka"])
        ),
        "snowflake": lambda: snowflake.start(workdir, port["snowflake"], password["snowflake"]),
        "postgres": lambda: postgres.start(workdir, port["postgres"], password["postgres"]),
    }
    redshift = postgres.secret(port["postgres"], password["postgres"])
    known = {
        "kafka": {env.kafka.secret: kafka.secret(port["kafka"])},
        "snowflake": {env.snowflake.secret: snowflake.secret(port["snowflake"], password["snowflake"])},
        "postgres": {
            env.redshift.secret: redshift,
            lakebase.SECRET: lakebase.secret(port["postgres"], password["lakebase"]),
        },
    }
    services = [crew.hire(name) for name in crew.makers if name in plan["only"]]
    passwords = {
        secret: value for name, of in known.items() if name in plan["only"] for secret, value in of.items()
    }
    write_private(world_files(workdir).secrets, bootstrap.with_own(passwords))

    def make_databases() -> None:
        postgres.prepare(port["postgres"], password["postgres"])
        lakebase.prepare(redshift, password["lakebase"])

    then: dict[str, Callable[[], None]] = {
        "aws": lambda: (
            None if plan["bare"] else bootstrap.seed(env, aws.endpoint(port["aws"]), aws.ACCESS_KEY, workdir)
        ),
        "postgres": make_databases,
    }

    def bring_up(service: Service) -> None:
        wait_until_ready(service, _READY_SECONDS)
        then.get(service.name, lambda: None)()

    with ThreadPoolExecutor(len(services)) as pool:
        list(pool.map(bring_up, services))
    _write_overlay(plan, workdir, port)
    since = datetime.now(UTC).isoformat(timespec="seconds")
    crew.listed = lambda: _write_listing(plan, workdir, list(crew.services.values()), since)
    crew.listed()


def _write_overlay(plan: dict[str, Any], workdir: Path, port: dict[str, int]) -> None:
    endpoint = aws.endpoint(port["aws"])
    overlay = {
        "aws": {
            "endpoint": endpoint,
            "access_key": aws.ACCESS_KEY,
            "secret_key": aws.SECRET_KEY,
            "proxy_port": port["aws_proxy"],
        },
        "spark": {"jars_dir": plan["jars"]["spark"], "java_home": str(java_home())},
    }
    write_private(world_files(workdir).overlay, overlay)


def _write_listing(plan: dict[str, Any], workdir: Path, services: list[Service], since: str) -> None:
    listing = {
        "supervisor": vars(Identity.of(os.getpid())),
        "services": {
            s.name: {**vars(Identity.of(s.process.pid)), "port": s.port, "log": str(s.log)} for s in services
        },
        "since": since,
        "detached": plan["detached"],
        "bare": plan["bare"],
        "idle_seconds": plan["idle_seconds"],
    }
    write_private(world_files(workdir).services, listing)


def _watch(plan: dict[str, Any], workdir: Path, crew: Crew, pipe: int) -> None:
    """Return when the world should end. Until then services are stopped and started as asked."""
    owner_gone = [] if plan["detached"] else [sys.stdin]
    started, used = time.time(), aws.activity_file(workdir)
    while True:
        heard = select.select([*owner_gone, pipe], [], [], 2)[0]
        if sys.stdin in heard or (not plan["detached"] and os.getppid() != plan["owner"]):
            return
        for request in requests(pipe) if pipe in heard else ():
            crew.obey(request, workdir)
        last_use = max(started, used.stat().st_mtime if used.exists() else 0)
        if time.time() - last_use > plan["idle_seconds"]:
            return
        if crew.ended:
            return


def _end(workdir: Path, services: list[Service]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with ThreadPoolExecutor(len(services) or 1) as pool:
        list(pool.map(stop, services))
    files = world_files(workdir)
    for file in (files.overlay, files.services, files.secrets, files.control):
        file.unlink(missing_ok=True)
    shutil.rmtree(workdir / "data", ignore_errors=True)


def _tell(**outcome: Any) -> int:
    """Answer the one who asked for a world, and let go of the pipe: a detached world must not hold its shell's."""
    print(json.dumps(outcome), flush=True)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return 0 if "ready" in outcome else 1


if __name__ == "__main__":
    sys.exit(main())
