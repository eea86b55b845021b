"""Opens the source systems, by the same secrets that the jobs read."""

from __future__ import annotations

import json
from typing import Any

import boto3
from botocore.config import Config

from lakehouse.environments import Environment, names


def client(env: Environment, service: str) -> Any:
    """A boto3 client of the environment's AWS."""
    # An embedded AWS is on this machine: no proxy is between.
    near: dict[str, Any] = {"proxies": {}, "s3": {"addressing_style": "path"}} if env.aws.endpoint else {}
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=env.region,
        endpoint_url=env.aws.endpoint,
        aws_access_key_id=env.aws.access_key,
        aws_secret_access_key=env.aws.secret_key,
        config=Config(retries={"mode": "standard"}, **near),
    )


def secret(env: Environment, name: str) -> dict[str, Any]:
    """The JSON of one secret. Raises ResourceNotFoundException if the world has none."""
    text = client(env, "secretsmanager").get_secret_value(SecretId=names.secret(env, name))["SecretString"]
    value: dict[str, Any] = json.loads(text)
    return value
