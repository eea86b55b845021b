"""Uploads the jars that deployed jobs name, each once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_keys
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from lakehouse.pipelines.job_jars import FOLDER, jar_key


def upload_jars(env: Environment, jars: Iterable[str], kms_key: str | None) -> list[str]:
    """The names of the jars that were not there and are uploaded, from the cache of downloads.

    Raises JarsError when one cannot be fetched from Maven Central or is not the one of jars.sha256.
    """
    s3: Any = clients(env).s3
    bucket = names.bucket(env, Zone.ARTIFACTS)
    present = set(list_keys(s3, S3Uri(bucket, f"{FOLDER}/")))
    missing = sorted(name for name in set(jars) if jar_key(name) not in present)
    if not missing:
        return []
    from local_aws.jars import check_digests, ensure_jars

    folder = ensure_jars().spark
    check_digests(folder)
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
    for name in missing:
        s3.put_object(Bucket=bucket, Key=jar_key(name), Body=(folder / name).read_bytes(), **encrypted)
    return missing
