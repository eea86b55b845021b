"""moto inside the test process over real HTTP, and a proxy to it that loses replies."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from microburst.core.pipeline import Microburst
from moto.dynamodb.models import DynamoDBBackend
from moto.server import ThreadedMotoServer

from glue_jobs.aws import clients
from lakehouse.environments import Environment, load_environment
from lakehouse.environments.control import table_definition
from lakehouse.environments.model import Aws
from lakehouse.environments.names import Control
from tests.aws_gate import served

_puts = threading.Lock()
_put_item = DynamoDBBackend.put_item


def _put_item_atomically(backend: DynamoDBBackend, *arguments: Any, **named: Any) -> Any:
    """moto checks a condition and puts in two steps, on a thread per request; AWS does both at once."""
    with _puts:
        return _put_item(backend, *arguments, **named)


DynamoDBBackend.put_item = _put_item_atomically


def env_at(port: int, project: str) -> Environment:
    aws = Aws(endpoint=f"http://127.0.0.1:{port}", access_key="testing", secret_key="testing")
    return load_environment("local").model_copy(
        update={"project": project, "aws": aws, "lease_seconds": 5, "lease_wait_seconds": 0}
    )


@pytest.fixture(scope="module")
def aws_env() -> Iterator[Environment]:
    """An environment whose control tables exist and are empty."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    # All moto servers of a process share their state, so each module has a project name of its own.
    env = env_at(server.get_host_and_port()[1], f"t{uuid.uuid4().hex[:12]}")
    for control in Control:
        clients(env).dynamodb.create_table(**table_definition(env, control))
    yield env
    server.stop()


@dataclass
class Faults:
    """The same AWS behind a proxy that cuts off or refuses requests."""

    env: Environment
    proxy: Microburst

    def lose_replies(self, operation: str, times: int = 1) -> None:
        """Cut off the next replies, after AWS has carried out the requests."""
        self.proxy.engine.set_rules(
            [{"service": "dynamodb", "operation": operation, "times": times, "response": {"abort_bytes": 0}}]
        )

    def throttle(self, share: float) -> None:
        """Refuse this share of all requests of DynamoDB as too many, until `heal`."""
        error = {"code": "ThrottlingException", "status": 400}
        self.proxy.engine.set_rules([{"service": "dynamodb", "probability": share, "error": error}])

    def lose_reply_and_its_check(self) -> None:
        """Cut off the reply of the next put, and refuse the read that would tell its outcome."""
        self.proxy.engine.set_rules(
            [
                {"service": "dynamodb", "operation": "PutItem", "times": 1, "response": {"abort_bytes": 0}},
                {
                    "service": "dynamodb",
                    "operation": "GetItem",
                    "times": 1,
                    "error": {"code": "ThrottlingException", "status": 400},
                },
            ]
        )

    def refuse(self, service: str, operation: str) -> None:
        """Answer every request of this operation with an error, until `heal`."""
        self.proxy.engine.set_rules(
            [
                {
                    "service": service,
                    "operation": operation,
                    "error": {"code": "InternalFailure", "status": 400},
                }
            ]
        )

    def heal(self) -> None:
        self.proxy.engine.set_rules([])
        self.proxy.fired.clear()

    @property
    def fired(self) -> list[Any]:
        return list(self.proxy.fired)


@pytest.fixture(scope="module")
def proxied(aws_env: Environment) -> Iterator[Faults]:
    proxy = Microburst(str(aws_env.aws.endpoint))
    with served(proxy) as port:
        yield Faults(env_at(port, aws_env.project), proxy)


@pytest.fixture
def lossy(proxied: Faults) -> Iterator[Faults]:
    proxied.heal()
    yield proxied
    proxied.heal()
