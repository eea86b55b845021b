"""An empty account of the embedded AWS, and two ways to reach it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lakehouse.environments import Environment, load_environment
from local_aws import proxy
from local_aws.local_platform import LocalPlatform

Client = Callable[[str], Any]


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPlatform]:
    platform = LocalPlatform.start(
        load_environment("local"), tmp_path_factory.mktemp("empty-account"), only=("aws",), empty_account=True
    )
    yield platform
    platform.stop()


@pytest.fixture(scope="session", params=["http", "proxy"])
def client(request: pytest.FixtureRequest, account: LocalPlatform) -> Client:
    """A boto3 client of an empty account: direct, and by AWS's own host names through the proxy."""
    env: Environment = load_environment("local")
    session = boto3.Session(
        "testing", "testing", region_name=env.region if request.param == "http" else env.replica_region
    )
    if request.param == "http":
        plain = Config(proxies={}, inject_host_prefix=False, parameter_validation=False)
        return lambda service: session.client(
            service, endpoint_url=f"http://127.0.0.1:{account.ports['aws']}", config=plain
        )
    port = json.loads(account.overlay.read_text())["aws"]["proxy_port"]
    by_proxy = Config(proxies={"https": f"http://127.0.0.1:{port}"}, parameter_validation=False)
    return lambda service: session.client(service, config=by_proxy, verify=str(proxy.authority()))


def code_of(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response["Error"]["Code"])
