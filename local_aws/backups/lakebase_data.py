"""The rows of the Lakebase, in a database of the world's PostgreSQL: dumped, and loaded beside it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.files import platform_files, read_json
from local_aws.lakebase import DATABASE, USER
from local_aws.postgres import program

_SECONDS = 300
_current: list[LakebaseData] = []


@dataclass(frozen=True)
class LakebaseData:
    """The PostgreSQL of the world of this work folder, if it has one."""

    workdir: Path

    def dump(self, cluster: str) -> bytes | None:
        """The rows of a cluster; None without a PostgreSQL. A restored cluster has a database of its name."""
        login = self._login()
        if login is None:
            return None
        database = cluster if self._exists(login, cluster) else DATABASE
        return _run(login, "pg_dump", "--format=custom", "--no-privileges", database)

    def load(self, cluster: str, rows: bytes) -> tuple[str, int]:
        """Load rows into a new database of the cluster's name. Returns host and port."""
        import psycopg
        from psycopg.sql import SQL, Identifier

        login = self._login()
        if login is None:
            raise OSError("the world has no PostgreSQL")
        database, user = Identifier(cluster), Identifier(USER)
        with psycopg.connect(**login, autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(database))
            connection.execute(SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
            connection.execute(SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, user))
        _run(login, "pg_restore", "--exit-on-error", f"--dbname={cluster}", given=rows)
        return str(login["host"]), int(login["port"])

    def _login(self) -> dict[str, Any] | None:
        """The login of the superuser, who also stands in for Redshift."""
        secrets = read_json(platform_files(self.workdir).secrets) or {}
        return secrets.get("redshift") if "postgres" in secrets else None

    def _exists(self, login: dict[str, Any], database: str) -> bool:
        import psycopg

        with psycopg.connect(**login) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            return connection.execute(query, [database]).fetchone() is not None


def _run(login: dict[str, Any], name: str, *arguments: str, given: bytes = b"") -> bytes:
    """What a program of PostgreSQL prints. Raises OSError with its last words."""
    variables = {
        "PGHOST": login["host"],
        "PGPORT": str(login["port"]),
        "PGUSER": login["user"],
        "PGPASSWORD": login["password"],
        "PGSSLMODE": login["sslmode"],
    }
    command = [str(program(name)), *arguments]
    done = subprocess.run(
        command, env=variables, input=given, capture_output=True, check=False, timeout=_SECONDS
    )
    if done.returncode:
        raise OSError(f"{name}: {done.stderr.decode(errors='replace').strip()[-500:]}")
    return done.stdout


def data_of(data: LakebaseData) -> LakebaseData:
    """Load restored clusters by `data` from now on."""
    _current[:] = [data]
    return data


def current() -> LakebaseData | None:
    """Where restored clusters have their rows; None in a process without a world."""
    return _current[0] if _current else None
