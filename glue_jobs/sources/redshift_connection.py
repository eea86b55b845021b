"""Opens Redshift, for the source and for the sink."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from environments.model import Environment
from glue_jobs.errors import RunError
from glue_jobs.sources.retry import patiently

if TYPE_CHECKING:
    import psycopg

    from glue_jobs.observe.secrets import Secrets

CONNECT_SECONDS = 10


@contextmanager
def redshift(env: Environment, secrets: Secrets, *, error: type[RunError], code: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection whose block is one transaction: committed at its end, rolled back when it fails. Raises `error` when the warehouse is down."""
    import psycopg

    facts = secrets.get(env.redshift.secret)

    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=facts["host"],
            port=int(facts["port"]),
            dbname=facts["dbname"],
            user=facts["user"],
            password=facts["password"],
            # Redshift calls its encoding UNICODE, which no driver but its own knows.
            client_encoding="utf8",
            connect_timeout=CONNECT_SECONDS,
        )

    with patiently(f"Redshift at {facts['host']}:{facts['port']}", connect, is_down=is_down, error=error, code=code) as connection:
        connection.execute("SET timezone = 'UTC'")
        yield connection


def warehouse(facts: dict[str, str]) -> Any:
    """The connection that awswrangler takes for UNLOAD and COPY, by Redshift's own driver."""
    import redshift_connector  # type: ignore[import-not-found,unused-ignore]

    return redshift_connector.connect(
        host=facts["host"], port=int(facts["port"]), database=facts["dbname"], user=facts["user"], password=facts["password"]
    )


def is_down(reason: Exception) -> bool:
    import psycopg

    # The server says "password authentication failed" in the same class as "connection refused"; trying again does no harm.
    return isinstance(reason, psycopg.OperationalError)


def jdbc_options(env: Environment, secrets: Secrets) -> dict[str, str]:
    """How Spark logs in. The password is an option that Spark redacts, never part of the URL."""
    facts = secrets.get(env.redshift.secret)
    return {
        "url": f"jdbc:postgresql://{facts['host']}:{facts['port']}/{facts['dbname']}",
        "driver": "org.postgresql.Driver",
        "user": facts["user"],
        "password": facts["password"],
    }
