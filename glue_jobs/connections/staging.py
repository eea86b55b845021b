"""Files on S3 that live no longer than the run, written and read by Arrow."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from glue_jobs.s3 import S3Uri
from lakehouse.environments.model import Environment


def arrow(part: str = "") -> Any:
    """Arrow, or a part of it. It is written in Cython and has no types to check; its import takes a while, so it waits until it is used."""
    return import_module(f"pyarrow.{part}" if part else "pyarrow")


def s3_files(env: Environment) -> Any:
    """Arrow's S3, where the environment says; without keys, as the role of the process."""
    s3 = arrow("fs").S3FileSystem
    if env.aws.endpoint is None:
        return s3(region=env.region)
    place = urlsplit(env.aws.endpoint)
    return s3(
        access_key=env.aws.access_key,
        secret_key=env.aws.secret_key,
        endpoint_override=place.netloc,
        scheme=place.scheme,
        region=env.region,
    )


def data_files(files: Any, uri: str) -> list[str]:
    """The Parquet files of a folder that Spark wrote, in a fixed order."""
    found = files.get_file_info(
        arrow("fs").FileSelector(S3Uri.parse(uri).path, recursive=True, allow_not_found=True)
    )
    return sorted(info.path for info in found if info.path.endswith(".parquet"))
