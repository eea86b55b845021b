"""Reads secrets when a run needs them, and hides them from everything that it reports from then on."""

from __future__ import annotations

import json
import logging
import os
import threading
from typing import Any

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.observability.redact import register
from lakehouse.environments import names
from lakehouse.environments.model import Environment

log = logging.getLogger(__name__)

FALLBACK = "LAKEHOUSE_SECRET_"
# What AWS says of a secret that exists and has no version yet, as the stack makes it.
_NO_VALUE = "staging label"
# The field of the masking key's secret that holds the new key while a rotation is under way.
NEXT_KEY = "next_key"
# Fields that say where a system is, not how to log in. If they were hidden, table names and ports would be,
# too.
PUBLIC_FIELDS = frozenset(
    [
        "host",
        "port",
        "protocol",
        "account",
        "user",
        "database",
        "dbname",
        "schema",
        "warehouse",
        "role",
        "engine",
        "region",
        "bootstrap_servers",
        "security_protocol",
        "sasl_mechanism",
        "sslmode",
        "sslrootcert",
        "ca_certificate",
        "authenticator",
        "version",
        "next_version",
    ]
)


class SecretError(RunError):
    """A secret is missing (RUN010), no JSON object of plain values (RUN011), or may not be read (RUN012)."""

    code = "RUN010"


class Secrets:
    """The secrets of one run: each is read once. Neither its text nor its repr shows a value."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._lock = threading.Lock()
        self._read: dict[str, dict[str, str]] = {}

    def __repr__(self) -> str:
        return f"Secrets({self._env.name}: {', '.join(sorted(self._read)) or 'none read'})"

    def get(self, name: str) -> dict[str, str]:
        """The secret `<project>/<env>/<name>` as its fields.

        Raises SecretError, which names the secret and shows nothing of it.

        LAKEHOUSE_SECRET_<NAME> may hold it as JSON instead, where the environment allows that and AWS has
        none.
        """
        with self._lock:
            if name not in self._read:
                fields = self._parse(name, self._fetch(name))
                register(value for key, value in fields.items() if key not in PUBLIC_FIELDS)
                self._read[name] = fields
            return dict(self._read[name])

    def _fetch(self, name: str) -> str:
        from botocore.exceptions import BotoCoreError, ClientError

        full = names.secret(self._env, name)
        try:
            return clients(self._env).secretsmanager.get_secret_value(SecretId=full)["SecretString"]
        except (ClientError, BotoCoreError, KeyError) as error:
            fallback = self._fallback(name)
            if fallback is not None:
                log.info("secret %s comes from %s", full, _variable(name))
                return fallback
            raise self._error(full, name, error) from None

    def _fallback(self, name: str) -> str | None:
        return os.environ.get(_variable(name)) if self._env.local_secrets else None

    def _error(self, full: str, name: str, error: Exception) -> SecretError:
        hint = f", or put its JSON in {_variable(name)}" if self._env.local_secrets else ""
        fallback = "no text in it" if isinstance(error, KeyError) else type(error).__name__
        reason = getattr(error, "response", {}).get("Error", {}).get("Code", fallback)
        if reason == "ResourceNotFoundException" and _NO_VALUE in str(error):
            return SecretError(
                f"secret '{full}' in Secrets Manager of {self._env.region} is empty; put its JSON, "
                f"docs/guides/secrets.md lists the fields{hint}",
                code="RUN010",
            )
        if reason == "ResourceNotFoundException":
            return SecretError(
                f"there is no secret '{full}' in Secrets Manager of {self._env.region}; create it{hint}",
                code="RUN010",
            )
        return SecretError(
            f"secret '{full}' cannot be read: {reason}; let the run's role read it{hint}", code="RUN012"
        )

    def _parse(self, name: str, text: str) -> dict[str, str]:
        # The text is the secret: it is hidden before anything is reported about it, and no error quotes it.
        register([text])
        wrong = SecretError(
            f"secret '{names.secret(self._env, name)}' is not a JSON object of plain values", code="RUN011"
        )
        try:
            fields: Any = json.loads(text)
        except ValueError:
            raise wrong from None
        if not isinstance(fields, dict) or any(
            isinstance(value, dict | list) or value is None for value in fields.values()
        ):
            raise wrong
        return {key: value if isinstance(value, str) else json.dumps(value) for key, value in fields.items()}


def _variable(name: str) -> str:
    return FALLBACK + name.upper().replace("-", "_").replace("/", "_")
