"""Fills an account without the stack: buckets, control tables, the alert topic and the secrets."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from lakehouse.environments import names
from lakehouse.environments.control import table_definition
from lakehouse.environments.model import Environment
from lakehouse.environments.stack import MASKING_SECRET, SUBJECT_SECRET
from local_aws.files import platform_files, read_json

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_CONFIG = Config(proxies={}, retries={"mode": "standard", "max_attempts": 3}, s3={"addressing_style": "path"})


def session_client(env: Environment, service: Any, endpoint: str, key: str) -> Any:
    """A client of the embedded AWS alone; AWS_PROFILE and AWS_ENDPOINT_URL have no effect."""
    session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=key, region_name=env.region)
    return session.client(service, endpoint_url=endpoint, config=_CONFIG)


def with_local_secrets(systems: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The secrets of the source systems, and keys: of masks, of forgotten persons, of the CRM's API."""
    sizes = {MASKING_SECRET: 32, SUBJECT_SECRET: 32, "api_key": 16}
    return {**systems, **{name: {"key": secrets.token_hex(size)} for name, size in sizes.items()}}


def create_resources(env: Environment, endpoint: str, key: str, workdir: Path) -> None:
    """Create the resources that the jobs need, in a second and without Terraform."""
    s3 = session_client(env, "s3", endpoint, key)
    for zone in names.Zone:
        s3.create_bucket(
            Bucket=names.bucket(env, zone), CreateBucketConfiguration={"LocationConstraint": env.region}
        )
    _control_tables(env, session_client(env, "dynamodb", endpoint, key))
    session_client(env, "sns", endpoint, key).create_topic(Name=names.alert_topic(env))
    manager = session_client(env, "secretsmanager", endpoint, key)
    for name, value in (read_json(platform_files(workdir).secrets) or {}).items():
        manager.create_secret(Name=names.secret(env, name), SecretString=json.dumps(value))


def fill_secrets(env: Environment, workdir: Path) -> None:
    """Put the values of this platform into the secrets that the stack created.

    Raises ClientError for a secret that is missing, after the others are filled.
    """
    manager = session_client(env, "secretsmanager", env.aws.endpoint or "", env.aws.access_key or "")
    missing = None
    for name, value in (read_json(platform_files(workdir).secrets) or {}).items():
        try:
            manager.put_secret_value(SecretId=names.secret(env, name), SecretString=json.dumps(value))
        except manager.exceptions.ResourceNotFoundException as error:
            missing = error
    if missing is not None:
        raise missing


def _control_tables(env: Environment, dynamodb: DynamoDBClient) -> None:
    for control in names.Control:
        dynamodb.create_table(**table_definition(env, control))
    dynamodb.update_time_to_live(
        TableName=names.control_table(env, names.Control.LEASES),
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
    )
