"""A server that speaks Snowflake's protocol: fakesnow, which runs the SQL on DuckDB, in memory."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lakehouse.contracts.reader import read_schemas
from lakehouse.reading.faults import Collector
from local_aws.processes import Service, spawn

USER = "lakehouse"


# The database of a project whose contracts name none.
DEFAULT_DATABASE = {"SOURCE": "PUBLIC"}


def source_databases(root: Path) -> dict[str, str]:
    """Database → schema of every Snowflake source that the contracts of a project name.

    A contract with faults is left out: `lakehouse validate` reports it.
    """
    contracts = read_schemas(Collector(root)).contracts.values()
    sources = [c.lake.source.object for c in contracts if c.lake.source and c.lake.source.kind == "snowflake"]
    parts = [name.upper().split(".") for name in sorted(sources)]
    return {database: schema for database, schema, _ in (p for p in parts if len(p) == 3)}


def start(workdir: Path, port: int, password: str, databases: Mapping[str, str]) -> Service:
    """Serve empty databases, each with one schema."""
    log = workdir / "logs" / "snowflake.log"
    spool = workdir / "data" / "snowflake"
    spool.mkdir(parents=True, exist_ok=True)
    process = spawn(
        [sys.executable, "-m", "local_aws.snowflake_app", str(port), json.dumps(dict(databases))],
        log,
        stdin=password + "\n",
        env={"TMPDIR": str(spool)},
    )
    return Service("snowflake", port, process, log, lambda: _answers(port))


def secret(port: int, password: str, databases: Mapping[str, str]) -> dict[str, Any]:
    """The value of its secret in Secrets Manager: keyword arguments of the connector."""
    database, schema = next(iter((databases or DEFAULT_DATABASE).items()))
    return {
        "user": USER,
        "password": password,
        "account": "local",
        "host": "127.0.0.1",
        "port": port,
        "protocol": "http",
        "database": database,
        "schema": schema,
        "warehouse": "LOCAL",
        "role": "SYSADMIN",
    }


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("POST", "/session", headers={"Authorization": 'Snowflake Token="none"'})
    return connection.getresponse().status == 401
