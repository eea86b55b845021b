"""Fetches the files that a job names on S3, as Glue does before it starts the script."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError


class LaunchError(Exception):
    """A run cannot be started. The message is what Glue shows as the run's error."""


def etag(s3: Any, uri: str) -> str:
    """The version mark of an object. Raises LaunchError when it is missing."""
    bucket, key = _split(uri)
    try:
        return str(s3.head_object(Bucket=bucket, Key=key)["ETag"])
    except ClientError as error:
        raise _missing(bucket, key, error) from error


def download(s3: Any, uri: str, folder: Path) -> Path:
    """The object as a file of its own name. Raises LaunchError when it cannot be read."""
    bucket, key = _split(uri)
    file = folder / Path(key).name
    try:
        s3.download_file(bucket, key, str(file))
    except ClientError as error:
        raise _missing(bucket, key, error) from error
    return file


def _split(uri: str) -> tuple[str, str]:
    parts = urlsplit(uri)
    if parts.scheme not in ("s3", "s3a") or not parts.netloc or not parts.path.strip("/"):
        raise LaunchError(f"LAUNCH ERROR | Invalid S3 URI: {uri}")
    return parts.netloc, parts.path.lstrip("/")


def _missing(bucket: str, key: str, error: ClientError) -> LaunchError:
    reason = error.response["Error"].get("Message") or error.response["Error"]["Code"]
    return LaunchError(
        f"LAUNCH ERROR | Error downloading from S3 for bucket: {bucket}, key: {key}. {reason}. "
        "Please refer logs for details."
    )
