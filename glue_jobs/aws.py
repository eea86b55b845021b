"""Creates all AWS clients, with time limits, retries by botocore and the environment's endpoint."""

from __future__ import annotations

import threading
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from glue_jobs.errors import RunError
from lakehouse.environments.model import Aws as AwsFacts
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_ssm import SSMClient

CONNECT_SECONDS = 5
READ_SECONDS = 20
# With a third of all calls throttled, one call in 15,000 fails eight times.
ATTEMPTS = 8


class Aws:
    """Clients of one AWS account. A client is created when it is first used; threads may share it.

    Without an endpoint, keys or a region, the clients use the real AWS and the role and region of the
    process.
    """

    def __init__(self, facts: AwsFacts, region: str | None) -> None:
        self.facts = facts
        self.region = region
        self._lock = threading.RLock()

    @cached_property
    def session(self) -> Any:
        """The boto3 session of all clients."""
        # Imported here: boto3 takes a third of a second, and most commands touch no AWS.
        import boto3
        from botocore.session import get_session

        core = get_session()
        core.register_component("data_loader", _service_models())
        return boto3.session.Session(
            aws_access_key_id=self.facts.access_key,
            aws_secret_access_key=self.facts.secret_key,
            region_name=self.region,
            botocore_session=core,
        )

    def client(self, service: str, attempts: int = ATTEMPTS, read_seconds: float = READ_SECONDS) -> Any:
        """A new client of a service that has no property here."""
        from botocore.config import Config

        config = Config(
            retries={"mode": "standard", "total_max_attempts": attempts},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=read_seconds,
        )
        # A session must not create clients in two threads at the same time; the clients are thread-safe.
        with self._lock:
            client = self.session.client(service, endpoint_url=self.facts.endpoint, config=config)
        if self.facts.endpoint and service == "s3control":
            client.meta.events.register("before-call.s3-control", _to_endpoint_itself)
        return client

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        client: DynamoDBClient = self.client("dynamodb")
        return client

    @cached_property
    def dynamodb_once(self) -> DynamoDBClient:
        """For a caller that repeats its calls itself, by a clock of its own."""
        client: DynamoDBClient = self.client("dynamodb", attempts=1, read_seconds=CONNECT_SECONDS)
        return client

    @cached_property
    def s3(self) -> S3Client:
        client: S3Client = self.client("s3")
        return client

    @cached_property
    def ssm(self) -> SSMClient:
        client: SSMClient = self.client("ssm")
        return client

    @cached_property
    def secretsmanager(self) -> SecretsManagerClient:
        client: SecretsManagerClient = self.client("secretsmanager")
        return client

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        client: CloudWatchClient = self.client("cloudwatch")
        return client

    @cached_property
    def sns(self) -> SNSClient:
        client: SNSClient = self.client("sns")
        return client

    @cached_property
    def glue(self) -> GlueClient:
        client: GlueClient = self.client("glue")
        return client


def _to_endpoint_itself(params: dict[str, Any], **_: Any) -> None:
    """S3 Control puts the account before the endpoint's name, and 1234.127.0.0.1 is no host."""
    account = params["headers"]["x-amz-account-id"]
    params["url"] = params["url"].replace(f"://{account}.", "://", 1)


@cache
def _service_models() -> Any:
    """The models of AWS's services, which all sessions share: each session would parse 0.1 s of JSON anew."""
    from botocore.session import get_session

    return get_session().get_component("data_loader")


def require_up(env: Environment) -> Environment:
    """Returns the environment. Raises RunError (RUN061) for a local environment that is not up.

    Without its endpoint, the clients of a local environment would reach for a real AWS.
    """
    if env.overlay and not env.aws.endpoint:
        raise RunError(
            f"the local platform of environment '{env.name}' is not up; start it with `lakehouse local up`",
            code="RUN061",
        )
    return env


def clients(env: Environment) -> Aws:
    """The clients of an environment: the same object for each call. Raises RunError (RUN061)."""
    require_up(env)
    return _clients(env.aws, env.region)


def forget_clients() -> None:
    """Drops the clients made so far, so that the next call sees the endpoint and keys of that moment."""
    _clients.cache_clear()


@lru_cache(maxsize=32)
def _clients(facts: AwsFacts, region: str) -> Aws:
    return Aws(facts, region)
