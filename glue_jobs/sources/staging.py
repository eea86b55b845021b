"""Files on S3 that live no longer than the run, written and read by Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from environments.model import Environment

if TYPE_CHECKING:
    from pyarrow.fs import S3FileSystem


def s3_files(env: Environment) -> S3FileSystem:
    """Arrow's S3, where the environment says; without keys, as the role of the process."""
    from pyarrow.fs import S3FileSystem

    if env.aws.endpoint is None:
        return S3FileSystem(region=env.region)
    place = urlsplit(env.aws.endpoint)
    return S3FileSystem(
        access_key=env.aws.access_key,
        secret_key=env.aws.secret_key,
        endpoint_override=place.netloc,
        scheme=place.scheme,
        region=env.region,
    )


def path_of(uri: str) -> str:
    """`s3://bucket/key` as Arrow wants it."""
    return uri.removeprefix("s3://")


def data_files(files: S3FileSystem, uri: str) -> list[str]:
    """The Parquet files of a folder that Spark wrote, in a fixed order."""
    from pyarrow.fs import FileSelector

    found = files.get_file_info(FileSelector(path_of(uri), recursive=True, allow_not_found=True))
    return sorted(info.path for info in found if info.path.endswith(".parquet"))
