"""Fetches the project's bundle of a deployed job, so that a run sees the files of one release only."""

from __future__ import annotations

import io
import stat
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from glue_jobs.errors import RunError
from glue_jobs.s3 import S3Uri
from lakehouse.digest import digest_of
from lakehouse.release import FILE, Release, bundle_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CODE = "RUN080"


def fetch_project(s3: S3Client, bundle_uri: str, release_uri: str) -> Path:
    """Unpacks the bundle and the release's manifest into a new temporary folder, which it returns.

    Raises RunError (RUN080) when an object is missing, when the two do not belong together, when the
    content is not the one that the digest in the bundle's key names, or when an entry would be written
    outside the folder.
    """
    release = _release(s3, release_uri)
    if not bundle_uri.endswith(f"/{bundle_key(release.bundle)}"):
        raise RunError(f"{bundle_uri} is not the bundle of release {release.digest}", code=CODE)
    entries = _entries(_read(s3, bundle_uri), bundle_uri)
    digest = digest_of(entries)
    if digest != release.bundle:
        raise RunError(f"{bundle_uri} holds other content than its key names: digest {digest}", code=CODE)
    folder = Path(tempfile.mkdtemp(prefix="lakehouse-project-"))
    for name, content in entries.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (folder / FILE).write_text(release.to_json(), encoding="utf-8")
    return folder


def _release(s3: S3Client, uri: str) -> Release:
    try:
        return Release.parse(_read(s3, uri))
    except ValueError as error:
        raise RunError(f"{uri} is no manifest of a release: {error}", code=CODE) from error


def _entries(raw: bytes, uri: str) -> dict[str, bytes]:
    """The files of a zip by name.

    Checked before anything is written: names stay inside a folder, and are files.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            for member in members:
                if not _stays_inside(member):
                    raise RunError(
                        f"{uri} has an entry that leaves its folder: '{member.filename}'", code=CODE
                    )
            return {member.filename: archive.read(member) for member in members}
    except zipfile.BadZipFile as error:
        raise RunError(f"{uri} is no zip file: {error}", code=CODE) from error


def _stays_inside(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    return not (path.is_absolute() or ".." in path.parts or "\\" in member.filename or is_link)


def _read(s3: S3Client, uri: str) -> bytes:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        location = S3Uri.parse(uri)
        return s3.get_object(Bucket=location.bucket, Key=location.key)["Body"].read()
    except (BotoCoreError, ClientError, ValueError) as error:
        raise RunError(f"{uri} cannot be read: {error}", code=CODE) from error
