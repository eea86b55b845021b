"""Who was forgotten is kept as hashes of a key of its own, until they may come again."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from glue_jobs.observability.secrets import Secrets
from glue_jobs.state.tombstones import lift_tombstone, put_tombstone, read_tombstones
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from lakehouse.environments.stack import SUBJECT_SECRET
from tests.buckets import create_bucket


@pytest.fixture
def env(aws_env: Environment) -> Environment:
    create_bucket(aws_env, names.bucket(aws_env, Zone.ARTIFACTS))
    return aws_env


def test_a_person_is_known_by_a_hash_until_they_may_come_again(env: Environment) -> None:
    assert read_tombstones(env, Secrets(env)) is None
    lift_tombstone(env, "run", "customer_id", "4711")
    for value in ("4711", " 4711 ", "5"):
        put_tombstone(env, "run", "customer_id", value)
    put_tombstone(env, "run", "email", "ann@x.example")
    key = Secrets(env).get(SUBJECT_SECRET)["key"]
    tombstones = read_tombstones(env, Secrets(env))
    assert tombstones is not None
    assert tombstones.hashes == {
        "customer_id": sorted(_hash(key, f"customer_id={n}") for n in ("4711", "5")),
        "email": [_hash(key, "email=ann@x.example")],
    }
    assert key not in repr(tombstones)
    for column, value in (("customer_id", "4711"), ("customer_id", "5"), ("email", "ann@x.example")):
        lift_tombstone(env, "run", column, value)
    assert read_tombstones(env, Secrets(env)) is None


def _hash(key: str, text: str) -> str:
    return hmac.new(bytes.fromhex(key), text.encode(), hashlib.sha256).hexdigest()
