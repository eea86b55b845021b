"""A server that speaks Snowflake's protocol: fakesnow, which runs the SQL on DuckDB, in memory."""

from __future__ import annotations

import http.client
import sys
from pathlib import Path
from typing import Any

from local_aws.processes import Service, spawn

USER = "lakehouse"


def start(workdir: Path, port: int, password: str) -> Service:
    log = workdir / "logs" / "snowflake.log"
    spool = workdir / "data" / "snowflake"
    spool.mkdir(parents=True, exist_ok=True)
    process = spawn(
        [sys.executable, "-m", "local_aws.snowflake_app", str(port)],
        log,
        stdin=password + "\n",
        env={"TMPDIR": str(spool)},
    )
    return Service("snowflake", port, process, log, lambda: _answers(port))


def secret(port: int, password: str) -> dict[str, Any]:
    """The value of its secret in Secrets Manager: keyword arguments of the connector."""
    return {
        "user": USER,
        "password": password,
        "account": "local",
        "host": "127.0.0.1",
        "port": port,
        "protocol": "http",
        "database": "RETAIL",
        "schema": "PUBLIC",
        "warehouse": "LOCAL",
        "role": "SYSADMIN",
    }


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("POST", "/session", headers={"Authorization": 'Snowflake Token="none"'})
    return connection.getresponse().status == 401
