"""Who was forgotten: keyed hashes of the values that name persons, by column, in one object of artifacts.

The key is a secret of its own, which no rotation renews: nobody has the values to hash them anew.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets as random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glue_jobs.aws import clients
from glue_jobs.observability.secrets import SecretError, Secrets
from glue_jobs.s3 import S3Uri
from glue_jobs.state.lease import lease
from lakehouse.environments import names, prefixes
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Zone
from lakehouse.environments.stack import SUBJECT_SECRET

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEY_BYTES = 32
_LEASE = "forgotten_persons"
Hashes = dict[str, list[str]]


@dataclass(frozen=True)
class Tombstones:
    """Column → hashes of the values of forgotten persons, and the key that hashes a value."""

    hashes: Mapping[str, list[str]]
    key: str = field(repr=False)


def read_tombstones(env: Environment, secrets: Secrets) -> Tombstones | None:
    """Who was forgotten; None where nobody was. Raises SecretError where the key is missing then."""
    hashes = _load(env)
    return Tombstones(hashes, secrets.get(SUBJECT_SECRET)["key"]) if any(hashes.values()) else None


def put_tombstone(env: Environment, run_id: str, column: str, value: str) -> None:
    """No job takes a row of the person from then on."""
    digest = _hash(_own_key(env), column, value)
    with lease(env, _LEASE, run_id):
        hashes = _load(env)
        _store(env, hashes | {column: sorted({*hashes.get(column, []), digest})})


def lift_tombstone(env: Environment, run_id: str, column: str, value: str) -> None:
    """The person may come again. Nothing happens where none was put."""
    if not _load(env).get(column):
        return
    digest = _hash(Secrets(env).get(SUBJECT_SECRET)["key"], column, value)
    with lease(env, _LEASE, run_id):
        hashes = _load(env)
        _store(env, hashes | {column: [h for h in hashes.get(column, []) if h != digest]})


def _hash(key: str, column: str, value: str) -> str:
    text = f"{column}={value.strip()}".encode()
    return hmac.new(bytes.fromhex(key), text, hashlib.sha256).hexdigest()


def _own_key(env: Environment) -> str:
    """The key; the first erasure makes it."""
    try:
        return Secrets(env).get(SUBJECT_SECRET)["key"]
    except SecretError as error:
        if error.code != "RUN010":
            raise
    name, manager = names.secret(env, SUBJECT_SECRET), clients(env).secretsmanager
    key = random.token_hex(_KEY_BYTES)
    text = json.dumps({"key": key})
    try:
        # The stack makes the secret without a value.
        manager.put_secret_value(SecretId=name, SecretString=text)
    except manager.exceptions.ResourceNotFoundException:
        manager.create_secret(Name=name, SecretString=text)
    return key


def _object(env: Environment) -> S3Uri:
    return S3Uri(names.bucket(env, Zone.ARTIFACTS), f"{prefixes.TOMBSTONES}/persons.json")


def _load(env: Environment) -> Hashes:
    location, s3 = _object(env), clients(env).s3
    try:
        body = s3.get_object(Bucket=location.bucket, Key=location.key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return {}
    hashes: Hashes = json.loads(body)
    return hashes


def _store(env: Environment, hashes: Hashes) -> None:
    location = _object(env)
    clients(env).s3.put_object(Bucket=location.bucket, Key=location.key, Body=json.dumps(hashes).encode())
