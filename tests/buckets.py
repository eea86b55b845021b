"""Buckets that tests make in an embedded AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from glue_jobs.aws import clients
from lakehouse.environments import Environment

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CreateBucketConfigurationTypeDef


def create_bucket(env: Environment, name: str) -> S3Client:
    """Makes a bucket in the region of the environment; returns the client that made it."""
    s3 = clients(env).s3
    # An environment's region is any text; the client's type lists AWS's.
    region = cast("CreateBucketConfigurationTypeDef", {"LocationConstraint": env.region})
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=region)
    return s3


def delete_bucket(s3: S3Client, name: str) -> None:
    """Deletes a bucket with every version of its objects."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        for stored in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            s3.delete_object(Bucket=name, Key=stored["Key"], VersionId=stored["VersionId"])
    s3.delete_bucket(Bucket=name)
