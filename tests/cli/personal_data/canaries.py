"""Looks for texts in what a bucket holds: as bytes, decompressed, and as the rows of a Parquet file."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from glue_jobs.aws import clients
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


_EVER = datetime.min.replace(tzinfo=UTC)


def second_region(env: Environment) -> S3Client:
    return clients(env.model_copy(update={"region": env.replica_region})).s3


def everything(env: Environment, since: datetime = _EVER) -> Iterator[tuple[str, bytes]]:
    """Every version of every object of the buckets of both regions; a compressed one is there twice.

    `since`: the older ones are left out, which other tests of the process have written.
    """
    for zone in Zone:
        yield from versions(clients(env).s3, names.bucket(env, zone), since)
    for zone in names.REPLICATED:
        yield from versions(second_region(env), names.replica_bucket(env, zone), since)


def versions(s3: S3Client, bucket: str, since: datetime = _EVER) -> Iterator[tuple[str, bytes]]:
    """Oldest first."""
    try:
        pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=bucket))
    except s3.exceptions.NoSuchBucket:
        return
    listed = (v for p in pages for v in p.get("Versions", []) if v["LastModified"] >= since)
    for version in sorted(listed, key=lambda v: v["IsLatest"]):
        key, number = version["Key"], version["VersionId"]
        yield key, s3.get_object(Bucket=bucket, Key=key, VersionId=number)["Body"].read()


def hits(env: Environment, canaries: Iterable[str], since: datetime = _EVER) -> dict[str, list[str]]:
    """Object → the canaries that it holds, of those that hold one."""
    several = list(canaries)
    result: dict[str, list[str]] = {}
    for key, data in everything(env, since):
        texts = [data, *_readable(data)]
        held = [c for c in several if any(c.encode() in text for text in texts)]
        if held:
            result[key] = sorted({*held, *result.get(key, [])})
    return result


def _readable(data: bytes) -> Iterator[bytes]:
    if data.startswith(b"PAR1"):
        file = pq.ParquetFile(io.BytesIO(data))
        yield str(file.read().to_pylist()).encode()
        yield str(file.metadata.to_dict()).encode()
    if data.startswith(b"\x1f\x8b"):
        yield gzip.decompress(data)
