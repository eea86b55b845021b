"""AWS clients point where the environment says, and a local environment never reaches a real AWS."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from glue_jobs.aws import ATTEMPTS, CONNECT_SECONDS, READ_SECONDS, clients, require_up
from glue_jobs.errors import RunError
from lakehouse.environments import Environment, load_environment
from lakehouse.environments.model import Aws


def local_at(endpoint: str | None) -> Environment:
    facts = Aws(endpoint=endpoint, access_key="testing", secret_key="testing")
    return load_environment("local").model_copy(update={"aws": facts})


def test_clients_of_a_local_environment_use_its_endpoint_and_keys() -> None:
    aws = clients(local_at("http://127.0.0.1:9"))
    assert aws.s3.meta.endpoint_url == "http://127.0.0.1:9"
    assert aws.session.get_credentials().access_key == "testing"


def test_clients_of_a_deployed_environment_use_the_real_aws() -> None:
    env = load_environment("dev")
    assert env.region in clients(env).dynamodb.meta.endpoint_url


def test_every_client_is_limited_in_time_and_retries() -> None:
    config = clients(local_at("http://127.0.0.1:9")).client("sqs").meta.config
    assert (config.connect_timeout, config.read_timeout) == (CONNECT_SECONDS, READ_SECONDS)
    assert config.retries == {"mode": "standard", "total_max_attempts": ATTEMPTS}


def test_an_environment_has_its_clients_once_for_all_threads() -> None:
    env = local_at("http://127.0.0.1:10")
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: id(clients(env).s3), range(16)))
    assert len(ids) == 1


def test_a_local_environment_that_is_not_up_is_an_error() -> None:
    with pytest.raises(RunError, match="RUN061 the local platform of environment 'local' is not up"):
        require_up(local_at(None))
    with pytest.raises(RunError, match="RUN061"):
        clients(local_at(None))


def test_an_environment_that_is_up_or_deployed_is_returned() -> None:
    for env in (local_at("http://127.0.0.1:9"), load_environment("dev")):
        assert require_up(env) is env
