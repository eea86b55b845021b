from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from lakehouse.environments import Environment, names
from local_aws.bootstrap import session_client


@pytest.fixture(scope="session")
def client(local_env: Environment) -> Callable[[str], Any]:
    """A boto3 client of the running platform, by service name."""
    assert local_env.aws.endpoint is not None
    endpoint = local_env.aws.endpoint
    return lambda service: session_client(local_env, service, endpoint, "testing")


@pytest.fixture(scope="session")
def secret(local_env: Environment, client: Callable[[str], Any]) -> Callable[[str], dict[str, Any]]:
    """The value of a secret, by its short name."""

    def read(name: str) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(
            client("secretsmanager").get_secret_value(SecretId=names.secret(local_env, name))["SecretString"]
        )
        return value

    return read


@pytest.fixture(scope="module")
def s3(client: Callable[[str], Any]) -> Any:
    return client("s3")


@pytest.fixture(scope="module")
def by_moto(client: Callable[[str], Any]) -> Any:
    """The same state through moto alone: a header that the fast way does not know sends a request there."""
    slow = client("s3")
    slow.meta.events.register(
        "before-sign.s3", lambda request, **_: request.headers.add_header("x-by-moto", "1")
    )
    return slow


@pytest.fixture
def bucket(s3: Any, local_env: Environment) -> str:
    name = f"probe-{os.urandom(4).hex()}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": local_env.region})
    return name
