"""Opens Redshift, for the source and for the sink."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from glue_jobs.connections.retry import patiently
from glue_jobs.errors import RunError
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from glue_jobs.observability.secrets import Secrets

CONNECT_SECONDS = 10
_NO_SUCH = ("42P01", "3F000")  # undefined table, invalid schema name


@contextmanager
def redshift(env: Environment, secrets: Secrets, *, error: type[RunError], code: str) -> Iterator[Any]:
    """A DB-API connection in UTC whose block is one transaction. Raises `error` when the warehouse is down.

    On AWS by Redshift's own driver, which awswrangler asks for; where rows travel over the wire, by PostgreSQL's, which can stream a COPY.
    """
    facts = secrets.get(env.redshift.secret)
    login: dict[str, Any] = {
        "host": facts["host"],
        "port": int(facts["port"]),
        "user": facts["user"],
        "password": facts["password"],
    }

    def connect() -> Any:
        if env.redshift.transfer == "unload":
            import redshift_connector  # type: ignore[import-not-found,import-untyped,unused-ignore]

            return redshift_connector.connect(database=facts["dbname"], timeout=CONNECT_SECONDS, **login)
        import psycopg

        return psycopg.connect(dbname=facts["dbname"], connect_timeout=CONNECT_SECONDS, **login)

    connection = patiently(
        f"Redshift at {facts['host']}:{facts['port']}", connect, is_down=is_down, error=error, code=code
    )
    try:
        connection.cursor().execute("SET timezone = 'UTC'")
        yield connection
        connection.commit()
    except BaseException:
        _quietly(connection.rollback)
        raise
    finally:
        _quietly(connection.close)


def is_down(reason: Exception) -> bool:
    # The server says "password authentication failed" in the same class as "connection refused"; trying again does no harm.
    return isinstance(reason, OSError) or type(reason).__name__ in (
        "OperationalError",
        "ConnectionTimeout",
        "InterfaceError",
    )


def is_no_such_table(reason: Exception) -> bool:
    detail = reason.args[0] if reason.args and isinstance(reason.args[0], dict) else {}
    return (getattr(reason, "sqlstate", None) or detail.get("C")) in _NO_SUCH


def jdbc_options(env: Environment, secrets: Secrets) -> dict[str, str]:
    """How Spark logs in. The password is an option that Spark redacts, never part of the URL."""
    facts = secrets.get(env.redshift.secret)
    return {
        "url": f"jdbc:postgresql://{facts['host']}:{facts['port']}/{facts['dbname']}",
        "driver": "org.postgresql.Driver",
        "user": facts["user"],
        "password": facts["password"],
    }


def _quietly(call: Any) -> None:
    """A connection that the server has closed cannot be rolled back, and has been."""
    try:
        call()
    except Exception:  # noqa: S110
        pass
