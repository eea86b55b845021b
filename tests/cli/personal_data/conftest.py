"""An AWS of the tests' own, with the buckets of an environment."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import stamina

from glue_jobs.aws import clients
from lakehouse.environments import Environment, names
from lakehouse.environments.control import table_definition
from lakehouse.environments.names import Control, Zone
from lakehouse.environments.stack import MASKING_SECRET
from tests.cli.personal_data.canaries import second_region
from tests.glue_jobs.conftest import env_at

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEY = "ab" * 32


def _create(s3: S3Client, bucket: str, region: str) -> None:
    location = {"LocationConstraint": region}
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)  # type: ignore[typeddict-item]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


@pytest.fixture
def env() -> Iterator[Environment]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # A process of its own: delta-rs holds Python's lock while it waits for an answer.
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for attempt in stamina.retry_context(on=OSError, attempts=None, timeout=60, wait_max=0.2):
        with attempt:
            socket.create_connection(("127.0.0.1", port)).close()
    world = env_at(port, f"t{uuid.uuid4().hex[:12]}")
    aws = clients(world)
    for control in Control:
        aws.dynamodb.create_table(**table_definition(world, control))
    second = second_region(world)
    for zone in Zone:
        _create(aws.s3, names.bucket(world, zone), world.region)
    for zone in names.REPLICATED:
        _create(second, names.replica_bucket(world, zone), world.replica_region)
    secret = json.dumps({"key": KEY})
    aws.secretsmanager.create_secret(Name=names.secret(world, MASKING_SECRET), SecretString=secret)
    yield world
    server.terminate()
    server.wait(10)
