"""What an account holds before the platform runs: buckets, control tables, the alert topic and the secrets."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from environments import names
from environments.control import table_definition
from environments.model import Environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_CONFIG = Config(proxies={}, retries={"mode": "standard", "max_attempts": 3}, s3={"addressing_style": "path"})


def session_client(env: Environment, service: Any, endpoint: str, key: str) -> Any:
    """A client of the embedded AWS alone, whatever AWS_PROFILE or AWS_ENDPOINT_URL say."""
    session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=key, region_name=env.region)
    return session.client(service, endpoint_url=endpoint, config=_CONFIG)


def seed(env: Environment, endpoint: str, key: str, known_secrets: dict[str, dict[str, Any]]) -> None:
    """Create everything. `known_secrets` are the source systems' by their short name; the key for personal data is made here."""
    s3 = session_client(env, "s3", endpoint, key)
    for zone in names.Zone:
        s3.create_bucket(Bucket=names.bucket(env, zone), CreateBucketConfiguration={"LocationConstraint": env.region})
    _control_tables(env, session_client(env, "dynamodb", endpoint, key))
    session_client(env, "sns", endpoint, key).create_topic(Name=names.alert_topic(env))
    manager = session_client(env, "secretsmanager", endpoint, key)
    for name, value in {**known_secrets, "pii_key": {"key": secrets.token_hex(32)}}.items():
        manager.create_secret(Name=names.secret(env, name), SecretString=json.dumps(value))


def _control_tables(env: Environment, dynamodb: DynamoDBClient) -> None:
    for control in names.Control:
        dynamodb.create_table(**table_definition(env, control))
    dynamodb.update_time_to_live(
        TableName=names.control_table(env, names.Control.LEASES), TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
    )
