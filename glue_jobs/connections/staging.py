"""Opens Arrow and its S3 file system, for staged files that are deleted after the run."""

from __future__ import annotations

import os
from functools import partial
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from glue_jobs.aws import ATTEMPTS
from glue_jobs.s3 import S3Uri
from lakehouse.environments.model import Environment


def arrow(part: str = "") -> Any:
    """The module pyarrow, or a part of it, untyped.

    It is imported when it is used, because the import is slow.
    """
    return import_module(f"pyarrow.{part}" if part else "pyarrow")


def s3_files(env: Environment) -> Any:
    """Arrow's S3 file system, at the environment's endpoint or that of the process's AWS clients.

    Without keys in the environment it uses the role of the process. It tries as often as other clients of
    AWS do; by default it gives up at the third reply that S3 is asked too often.
    """
    retries = arrow("fs").AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS)
    s3 = partial(arrow("fs").S3FileSystem, retry_strategy=retries)
    # Arrow, unlike other clients of AWS, does not read these variables of the process.
    named = (os.environ.get(name) for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"))
    url = env.aws.endpoint or next(filter(None, named), None)
    if url is None:
        return s3(region=env.region)
    endpoint = urlsplit(url)
    return s3(
        access_key=env.aws.access_key,
        secret_key=env.aws.secret_key,
        endpoint_override=endpoint.netloc,
        scheme=endpoint.scheme,
        region=env.region,
    )


def data_files(files: Any, uri: str) -> list[str]:
    """The Parquet files of a folder that Spark wrote, as `bucket/key`, sorted."""
    selector = arrow("fs").FileSelector(S3Uri.parse(uri).path, recursive=True, allow_not_found=True)
    paths = [info.path for info in files.get_file_info(selector)]
    return sorted(path for path in paths if path.endswith(".parquet"))
