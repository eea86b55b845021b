"""Connects to Snowflake by its own connector, for the source and the warehouse."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from glue_jobs.connections.retry import with_retries
from glue_jobs.connections.tls import LoginError
from glue_jobs.errors import RunError
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

    from glue_jobs.observability.secrets import Secrets

# The driver is imported where it is used: its import is slow, and most runs do not need it.

LOGIN_SECONDS = 6
NO_SUCH_OBJECT = 2003
_LOGIN = (
    "user",
    "password",
    "authenticator",
    "token",
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

    Raises `error` when Snowflake is down, and LoginError (RUN531) for a private key that is none.
    """
    import snowflake.connector

    login = login_arguments(secrets.get(env.snowflake.secret), schema)
    seconds = env.snowflake.statement_minutes * 60
    session = {"TIMEZONE": "UTC", "STATEMENT_TIMEOUT_IN_SECONDS": seconds}
    # The connector logs a stack trace for every refused connection; the one error below is enough.
    logging.getLogger("snowflake.connector").setLevel(logging.CRITICAL)

    def connect() -> SnowflakeConnection:
        return snowflake.connector.connect(
            **login,
            session_parameters=session,
            arrow_number_to_decimal=True,  # a float would lose digits of a NUMBER(38,2)
            login_timeout=LOGIN_SECONDS,
            network_timeout=seconds,
            client_telemetry_enabled=False,
        )

    server = f"Snowflake at {login.get('host', login.get('account'))}"
    connection = with_retries(server, connect, is_down=is_down, error=error, code=code)
    try:
        yield connection
    finally:
        connection.close()


def login_arguments(secret: Mapping[str, str], schema: tuple[str, str] | None) -> dict[str, Any]:
    """The connector's arguments that the secret holds, with another database and schema when given.

    `private_key` (PEM, with `private_key_passphrase` where it is encrypted) logs in by key pair; `token` by
    the secret's `authenticator`, a programmatic access token where it names none. Raises LoginError.
    """
    login: dict[str, Any] = {name: secret[name] for name in _LOGIN if name in secret}
    if schema:
        login["database"], login["schema"] = schema
    if "port" in login:
        login["port"] = int(login["port"])
    if secret.get("private_key"):
        login["private_key"] = _der(secret["private_key"], secret.get("private_key_passphrase"))
        login.pop("password", None)
        login.setdefault("authenticator", "SNOWFLAKE_JWT")
    elif secret.get("token"):
        login.setdefault("authenticator", "PROGRAMMATIC_ACCESS_TOKEN")
    elif not secret.get("password"):
        raise LoginError("the secret of Snowflake has none of 'private_key', 'token' and 'password'")
    return login


def _der(pem: str, passphrase: str | None) -> bytes:
    """The private key as the connector takes it: PKCS #8 in DER. The error shows nothing of the key."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    try:
        # A form that takes one line has the line breaks of a PEM text as two characters.
        key = serialization.load_pem_private_key(
            pem.replace("\\n", "\n").encode(), passphrase.encode() if passphrase else None
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise LoginError(
            "'private_key' of Snowflake's secret is no private key in PEM that 'private_key_passphrase' opens"
        ) from None
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def is_down(reason: Exception) -> bool:
    """Whether Snowflake does not answer. A wrong password or statement is an answer."""
    from snowflake.connector.errors import InterfaceError, OperationalError

    return isinstance(reason, OperationalError | InterfaceError | ConnectionError | TimeoutError)
