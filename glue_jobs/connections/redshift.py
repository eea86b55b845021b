"""Connects to Redshift, for the source and the warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from glue_jobs.connections import tls
from glue_jobs.connections.retry import with_retries
from glue_jobs.errors import RunError
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from glue_jobs.observability.secrets import Secrets

# The drivers are imported where they are used: their imports are slow, and most runs do not need them.

CONNECT_SECONDS = 10
# A connection whose server is silent is dead after a minute.
_KEEPALIVE = {"tcp_keepalive_idle": 30, "tcp_keepalive_interval": 10, "tcp_keepalive_count": 3}
_MISSING_TABLE = ("42P01", "3F000")  # undefined table, invalid schema name


@contextmanager
def redshift(env: Environment, secrets: Secrets, *, error: type[RunError], code: str) -> Iterator[Any]:
    """A DB-API connection in UTC; its block is one transaction. Raises `error` when Redshift is down.

    Transfer `unload` uses Redshift's own driver, which awswrangler needs; `jdbc` uses PostgreSQL's, which
    streams COPY. Redshift cancels a statement after `statement_minutes` of the environment.
    """
    secret = secrets.get(env.redshift.secret)
    connect = _connect_redshift if env.redshift.transfer == "unload" else _connect_postgres
    connection = with_retries(
        f"Redshift at {secret['host']}:{secret['port']}",
        lambda: connect(secret),
        is_down=is_down,
        error=error,
        code=code,
    )
    try:
        cursor = connection.cursor()
        cursor.execute("SET timezone = 'UTC'")
        cursor.execute(f"SET statement_timeout = {env.redshift.statement_minutes * 60_000}")
        yield connection
        connection.commit()
    except BaseException:
        _quietly(connection.rollback)
        raise
    finally:
        _quietly(connection.close)


def _connect_redshift(secret: Mapping[str, str]) -> Any:
    """A connection of Redshift's own driver, whose peer may stay silent for as long as a statement takes."""
    import redshift_connector  # type: ignore[import-not-found,import-untyped,unused-ignore]

    settings: dict[str, Any] = {**_KEEPALIVE, **_login(secret), **tls.redshift_driver(secret)}
    connection = redshift_connector.connect(
        database=secret["dbname"], timeout=CONNECT_SECONDS, tcp_keepalive=True, **settings
    )
    # The driver's timeout is that of its socket: it would end every statement that takes as long.
    connection._usock.settimeout(None)
    return connection


def _connect_postgres(secret: Mapping[str, str]) -> Any:
    import psycopg

    encryption: dict[str, Any] = dict(tls.libpq(secret))
    return psycopg.connect(
        dbname=secret["dbname"], connect_timeout=CONNECT_SECONDS, **_login(secret), **encryption
    )


def _login(secret: Mapping[str, str]) -> dict[str, Any]:
    return {
        "host": secret["host"],
        "port": int(secret["port"]),
        "user": secret["user"],
        "password": secret["password"],
    }


def is_down(reason: Exception) -> bool:
    """Whether Redshift does not answer.

    A wrong password has the same class of error, and a retry does no harm.
    """
    return isinstance(reason, OSError) or type(reason).__name__ in (
        "OperationalError",
        "ConnectionTimeout",
        "InterfaceError",
    )


def is_missing_table(reason: Exception) -> bool:
    """Whether the table or its schema does not exist."""
    detail = reason.args[0] if reason.args and isinstance(reason.args[0], dict) else {}
    return (getattr(reason, "sqlstate", None) or detail.get("C")) in _MISSING_TABLE


def jdbc_options(env: Environment, secrets: Secrets) -> dict[str, str]:
    """Options of Spark's JDBC reader. The password is an option that Spark redacts, never part of the URL."""
    secret = secrets.get(env.redshift.secret)
    return {
        "url": f"jdbc:postgresql://{secret['host']}:{secret['port']}/{secret['dbname']}",
        "driver": "org.postgresql.Driver",
        "user": secret["user"],
        "password": secret["password"],
        **tls.jdbc(secret),
    }


def _quietly(call: Any) -> None:
    """Ignores errors: a connection that the server closed was rolled back by the server."""
    try:
        call()
    except Exception:  # noqa: S110
        pass
