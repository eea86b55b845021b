"""Reads the files below a prefix of S3, in the landing zone or anywhere else."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.onboard.files import read_files
from cli.onboard.sample import OnboardError, Origin, Sample
from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_objects
from glue_jobs.sources.landing_files import is_unfinished
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# So much is copied to this machine; what is left out is said.
MOST_BYTES, MOST_FILES = 512 * 1024 * 1024, 1000
_PREFIX = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?")
_ABSENT = ("NoSuchBucket", "AccessDenied", "AllAccessDisabled", "PermanentRedirect", "403", "404")


def read_prefix(
    env: Environment, uri: str, table: str, source: str | None, most: int
) -> tuple[Origin, Sample]:
    """The landing folder and the rows of the files below a prefix. Raises OnboardError."""
    parts = _PREFIX.fullmatch(uri)
    if parts is None:
        raise OnboardError(f"'{uri}' is no prefix of S3; wanted s3://bucket/folder/")
    bucket, prefix = parts[1], parts[2] or ""
    s3 = clients(env).s3
    objects = _objects(s3, S3Uri(bucket, prefix), uri)
    with tempfile.TemporaryDirectory() as folder:
        files, left_out = _copied(s3, bucket, objects, Path(folder))
        sample = read_files(files, most)
    if left_out:
        doubt = f"{left_out} of the {len(objects)} files were not read: the contract may not fit them"
        sample = replace(sample, whole=False, doubts=(*sample.doubts, doubt))
    zone = names.bucket(env, Zone.LANDING)
    inside = _folder([item["Key"] for item in objects], prefix) if bucket == zone else ""
    at = source or inside or table.partition(".")[2]
    if inside == at:
        return _landing(at), sample
    return _landing(at, f"copy the files to s3://{zone}/{at}/dt=<day>/"), sample


def _landing(folder: str, *following: str) -> Origin:
    return Origin("landing", folder, f"Rows of the files below {folder}/, as they are.", next=following)


def _objects(s3: S3Client, prefix: S3Uri, uri: str) -> list[Any]:
    """The finished files below a prefix: those in its folder, or the file of that name."""
    from botocore.exceptions import ClientError

    try:
        listed = [
            item for item in list_objects(s3, prefix) if item["Size"] and _is_below(item["Key"], prefix.key)
        ]
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code"))
        if code not in _ABSENT:
            raise
        raise OnboardError(f"'{uri}' cannot be listed: {code}") from None
    if not listed:
        raise OnboardError(f"there is no file below '{uri}'")
    return listed


def _is_below(key: str, prefix: str) -> bool:
    rest = key.removeprefix(prefix)
    # trips/ and not trips_old/ is meant by s3://bucket/trips.
    inside = not prefix or prefix.endswith("/") or not rest or rest.startswith("/")
    return inside and not any(map(is_unfinished, filter(None, rest.split("/"))))


def _copied(s3: S3Client, bucket: str, objects: list[Any], folder: Path) -> tuple[list[Path], int]:
    """(copies of the newest files, in the order of their keys; how many were left out)."""
    newest = sorted(objects, key=lambda item: (item["LastModified"], item["Key"]), reverse=True)
    chosen = sorted(islice(_within(newest), MOST_FILES), key=lambda item: str(item["Key"]))
    files = []
    for number, item in enumerate(chosen):
        file = folder / f"{number:04}" / Path(item["Key"]).name
        file.parent.mkdir()
        s3.download_file(bucket, item["Key"], str(file))
        files.append(file)
    return files, len(objects) - len(files)


def _within(objects: list[Any]) -> Iterator[Any]:
    """The first one, and others as long as all together are small enough."""
    size = 0
    for number, item in enumerate(objects):
        size += item["Size"]
        if number and size > MOST_BYTES:
            return
        yield item


def _folder(keys: list[str], prefix: str) -> str:
    """The folder of the landing zone: the prefix up to the folders of days, or that of its one file."""
    folder = prefix.rpartition("/")[0] if keys == [prefix] else prefix
    return re.split(r"(?:^|/)dt=", folder)[0].strip("/")
