"""Which fields each secret of an environment needs. docs/guides/secrets.md says what they are."""

from __future__ import annotations

from collections.abc import Mapping

from lakehouse.environments.model import Environment
from lakehouse.environments.stack import MASKING_SECRET
from lakehouse.environments.systems import LAKEBASE

_DATABASE = ("host", "port", "dbname", "user", "password")
_SNOWFLAKE_LOGINS = ("private_key", "token", "password")


def missing_fields(env: Environment, name: str, fields: Mapping[str, object]) -> list[str]:
    """The names of the fields that a secret lacks, in the order in which the guide lists them.

    A secret of another name needs at least one field, whichever it is.
    """
    required = list(_required(env).get(name, ()))
    missing = [field for field in required if not fields.get(field)]
    if name == env.snowflake.secret and not any(fields.get(login) for login in _SNOWFLAKE_LOGINS):
        missing.append(" or ".join(_SNOWFLAKE_LOGINS))
    if not required and not fields:
        missing.append("any field")
    return missing


def other_address(env: Environment, name: str, fields: Mapping[str, object]) -> str:
    """The connection whose address is not the one of the secret, which is what jobs read; empty for none.

    The systems of a local world have addresses of their own.
    """
    servers = str(fields.get("bootstrap_servers") or "")
    host, port = fields.get("host") or fields.get("account") or "", fields.get("port")
    for connection, declared in env.stack.connections.items():
        if env.overlay or declared.secret != name or declared.url is None:
            continue
        stated = declared.url.partition("//")[2] if declared.kind == "JDBC" else declared.url
        address = f"{host}:{port}/" if declared.kind == "JDBC" else servers or str(host)
        if address and not f"{stated}/".lower().startswith(address.lower()):
            return connection
    return ""


def _required(env: Environment) -> dict[str, tuple[str, ...]]:
    """Secret → the fields without which no job can use it."""
    redshift = ("iam_role",) if env.redshift.transfer == "unload" else ()
    snowflake = ("storage_integration",) if env.snowflake.transfer == "stage" else ()
    slack = env.stack.alerts.slack_secret
    return {
        env.redshift.secret: (*_DATABASE, *redshift),
        env.snowflake.secret: ("account", "user", *snowflake),
        env.kafka.secret: ("bootstrap_servers",),
        LAKEBASE: _DATABASE,
        MASKING_SECRET: ("key",),
        **({slack: ("token",)} if slack else {}),
    }
