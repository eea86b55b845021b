"""Saves a local world into a folder at its end, and fills the next one from it."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lakehouse.environments import names
from lakehouse.environments.model import Environment
from local_aws.bootstrap import session_client
from local_aws.files import read_json, write_private
from local_aws.processes import ServiceError
from local_aws.state import objects, tables

STATE_FILE = "state.json"
_FORM = 1


class StateError(ServiceError):
    """RUN644: a folder holds no state that this version reads, or another world is up."""

    def __init__(self, text: str) -> None:
        super().__init__(f"RUN644 {text}")


@dataclass(frozen=True)
class StateFolder:
    """`state.json` says what there is, `objects/` has the bytes. A save replaces the file at its very end."""

    folder: Path

    def read(self) -> dict[str, Any]:
        """The saved document; empty for a folder without one. Raises StateError for another form."""
        document = read_json(self._file)
        if document is None and self._file.exists():
            raise StateError(f"{self._file} is no JSON object")
        if document and document.get("form") != _FORM:
            raise StateError(f"{self._file} has form {document.get('form')}; this version reads {_FORM}")
        return document or {}

    def keys(self) -> dict[str, dict[str, Any]]:
        """The secrets of the saved world that are no logins: with other keys masked values would differ."""
        saved: dict[str, dict[str, Any]] = self.read().get("keys", {})
        return saved

    def save(self, env: Environment, endpoint: str, key: str, keys: dict[str, dict[str, Any]]) -> None:
        """Store the world, and forget what it has no more. `keys`: the secrets to keep, by name."""
        s3, glue, dynamodb = (session_client(env, s, endpoint, key) for s in ("s3", "glue", "dynamodb"))
        buckets = objects.save(s3, self._objects, self.read().get("buckets", {}))
        document = {
            "form": _FORM,
            "saved_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "buckets": buckets,
            "catalog": tables.catalog(glue),
            "control": tables.items(env, dynamodb),
            "keys": keys,
        }
        write_private(self._file, document)
        objects.forget_others(self._objects, buckets)

    def restore(self, env: Environment, endpoint: str, key: str) -> None:
        """Fill a world that has empty buckets and control tables."""
        document = self.read()
        if not document:
            return
        s3, glue, dynamodb = (session_client(env, s, endpoint, key) for s in ("s3", "glue", "dynamodb"))
        objects.restore(s3, self._objects, document["buckets"], env.region)
        tables.put_catalog(glue, document["catalog"])
        tables.put_items(env, dynamodb, document["control"])

    @property
    def _file(self) -> Path:
        return self.folder / STATE_FILE

    @property
    def _objects(self) -> Path:
        return self.folder / "objects"


def keys_of(env: Environment, endpoint: str, key: str, logins: Collection[str]) -> dict[str, dict[str, Any]]:
    """The secrets of the world but those of `logins`, by their short names, as they are now."""
    manager, prefix = session_client(env, "secretsmanager", endpoint, key), names.secret(env, "")
    pages = manager.get_paginator("list_secrets").paginate()
    present = [secret["Name"] for page in pages for secret in page["SecretList"]]
    secrets = [
        name for name in present if name.startswith(prefix) and name.removeprefix(prefix) not in logins
    ]
    values = {name: manager.get_secret_value(SecretId=name)["SecretString"] for name in secrets}
    return {name.removeprefix(prefix): json.loads(value) for name, value in values.items()}
