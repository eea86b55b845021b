"""Connects to Snowflake by its own connector, for the source and the warehouse."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from glue_jobs.connections.retry import with_retries
from glue_jobs.errors import RunError
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

    from glue_jobs.observability.secrets import Secrets

# The driver is imported where it is used: its import is slow, and most runs do not need it.

LOGIN_SECONDS = 6
# Snowflake's own limit is two days.
STATEMENT_SECONDS = 3600
NO_SUCH_OBJECT = 2003
_LOGIN = (
    "user",
    "password",
    "account",
    "host",
    "port",
    "protocol",
    "warehouse",
    "role",
    "database",
    "schema",
)


@contextmanager
def snowflake(
    env: Environment,
    secrets: Secrets,
    *,
    error: type[RunError],
    code: str,
    schema: tuple[str, str] | None = None,
) -> Iterator[SnowflakeConnection]:
    """A session in UTC. `schema`: (database, schema) in place of the secret's.

    Raises `error` when Snowflake is down.
    """
    import snowflake.connector

    login = _login(secrets.get(env.snowflake.secret), schema)
    session = {"TIMEZONE": "UTC", "STATEMENT_TIMEOUT_IN_SECONDS": STATEMENT_SECONDS}
    # The connector logs a stack trace for every refused connection; the one error below is enough.
    logging.getLogger("snowflake.connector").setLevel(logging.CRITICAL)

    def connect() -> SnowflakeConnection:
        return snowflake.connector.connect(
            **login,
            session_parameters=session,
            arrow_number_to_decimal=True,  # a float would lose digits of a NUMBER(38,2)
            login_timeout=LOGIN_SECONDS,
            network_timeout=STATEMENT_SECONDS,
            client_telemetry_enabled=False,
        )

    connection = with_retries(
        f"Snowflake at {login.get('host', login.get('account'))}",
        connect,
        is_down=is_down,
        error=error,
        code=code,
    )
    try:
        yield connection
    finally:
        connection.close()


def _login(secret: Mapping[str, str], schema: tuple[str, str] | None) -> dict[str, Any]:
    """The connector's arguments that the secret holds, with another database and schema when given."""
    login: dict[str, Any] = {name: secret[name] for name in _LOGIN if name in secret}
    if schema:
        login["database"], login["schema"] = schema
    if "port" in login:
        login["port"] = int(login["port"])
    return login


def is_down(reason: Exception) -> bool:
    """Whether Snowflake does not answer. A wrong password or statement is an answer."""
    from snowflake.connector.errors import InterfaceError, OperationalError

    return isinstance(reason, OperationalError | InterfaceError | ConnectionError | TimeoutError)
