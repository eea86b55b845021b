"""boto3 clients, made at their first use to keep a cold start short."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

# A function has a minute, and botocore's default timeout for one call is also a minute.
TIMEOUT_SECONDS = 5
ATTEMPTS = 3


@cache
def _client(service: Any, attempts: int = ATTEMPTS) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=TIMEOUT_SECONDS,
        read_timeout=TIMEOUT_SECONDS,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
    return boto3.client(service, config=config)


def dynamodb() -> DynamoDBClient:
    """DynamoDB."""
    return _client("dynamodb")  # type: ignore[no-any-return]


def glue() -> GlueClient:
    """Glue."""
    return _client("glue")  # type: ignore[no-any-return]


def glue_once() -> GlueClient:
    """Glue, called once: a start whose answer is late must not become two runs."""
    return _client("glue", 1)  # type: ignore[no-any-return]


def s3() -> S3Client:
    """S3."""
    return _client("s3")  # type: ignore[no-any-return]


def sns() -> SNSClient:
    """SNS."""
    return _client("sns")  # type: ignore[no-any-return]


def sqs() -> SQSClient:
    """SQS."""
    return _client("sqs")  # type: ignore[no-any-return]


def secretsmanager() -> SecretsManagerClient:
    """Secrets Manager."""
    return _client("secretsmanager")  # type: ignore[no-any-return]


def forget() -> None:
    """Drops all clients; for tests, each of which has an AWS of its own."""
    _client.cache_clear()
