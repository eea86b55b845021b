"""boto3's clients, made when first used: a cold start pays for none that it does not need."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

# One try and two retries; a function has a minute, and AWS's own default waits that long for one answer.
SECONDS = 5
ATTEMPTS = 3


@cache
def _client(service: Any) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=SECONDS, read_timeout=SECONDS, retries={"mode": "standard", "max_attempts": ATTEMPTS}
    )
    return boto3.client(service, config=config)


def dynamodb() -> DynamoDBClient:
    return _client("dynamodb")  # type: ignore[no-any-return]


def glue() -> GlueClient:
    return _client("glue")  # type: ignore[no-any-return]


def s3() -> S3Client:
    return _client("s3")  # type: ignore[no-any-return]


def sns() -> SNSClient:
    return _client("sns")  # type: ignore[no-any-return]


def sqs() -> SQSClient:
    return _client("sqs")  # type: ignore[no-any-return]


def secretsmanager() -> Any:
    return _client("secretsmanager")


def forget() -> None:
    """For tests, whose AWS is another one each time."""
    _client.cache_clear()
