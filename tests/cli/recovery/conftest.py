"""AWS of the second region as botocore's own models judge it: answers are added by each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from glue_jobs.aws import clients, forget_clients
from lakehouse.environments import Environment, load_environment
from tests.cli.recovery.export_world import ExportWorld


class Stubs(dict[str, Stubber]):
    """Service → the stub of its client, made when it is first asked for."""

    def __init__(self, region: str) -> None:
        keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": region}
        self._session = boto3.Session(**keys)

    def __missing__(self, service: str) -> Stubber:
        client: Any = self._session.client(service)  # type: ignore[call-overload]
        self[service] = stub = Stubber(client)
        stub.activate()
        return stub


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubs]:
    """Clients whose requests are held against botocore's models, each answered as the test says."""
    forget_clients()
    prod = load_environment("prod")
    stubs = Stubs(prod.replica_region)
    monkeypatch.setattr(type(clients(prod)), "client", lambda self, service: stubs[service].client)
    yield stubs
    for stub in stubs.values():
        stub.assert_no_pending_responses()
    forget_clients()


@pytest.fixture
def world(moto_world: Environment) -> Iterator[ExportWorld]:
    world = ExportWorld(moto_world)
    world.begin()
    for number in (1, 2):
        world.day(number)
    yield world
    world.end()
