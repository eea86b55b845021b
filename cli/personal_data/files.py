"""Rewrites landing and quarantine files without the rows of a person; every other byte stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cli.personal_data.file_forms import without
from cli.personal_data.subject import Subject
from glue_jobs.errors import RunError
from glue_jobs.s3 import S3Uri, list_keys
from glue_jobs.sources.file_text import UnreadableFileError
from lakehouse.contracts.file_forms import TextForm

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_MOST = 1000  # objects in one request of deletion


@dataclass(frozen=True)
class Rewritten:
    """A file without the person's rows: how many went, when it had come, the ETag that it had and has.

    `fault`: why the file cannot be rewritten and may hold the person still; then no row went.
    """

    key: str
    rows: int
    modified: datetime
    before: str
    after: str
    fault: str = ""


def rewrite(
    s3: S3Client,
    keys: Iterable[str],
    bucket: str,
    form: str,
    subject: Subject,
    names: tuple[str, ...],
    written: TextForm,
) -> Iterator[tuple[Rewritten, bytes]]:
    """(what a file becomes, its new bytes) of each file that holds rows of the person or may hold some.

    Nothing is written: see `store`.
    """
    for key in keys:
        stored = s3.get_object(Bucket=bucket, Key=key)
        data, etag = stored["Body"].read(), stored["ETag"].strip('"')
        try:
            rest, rows = without(data, key, form, subject, names, written)
        except UnreadableFileError as fault:
            yield Rewritten(key, 0, stored["LastModified"], etag, etag, str(fault)), data
            continue
        if rows:
            yield Rewritten(key, rows, stored["LastModified"], etag, etag), rest


def keys_below(s3: S3Client, prefix: S3Uri) -> list[str]:
    """The keys of files; the mark of a folder is none."""
    return [key for key in list_keys(s3, prefix) if not key.endswith("/")]


def store(s3: S3Client, bucket: str, key: str, data: bytes) -> str:
    """Writes the new bytes of a file; its new ETag."""
    return s3.put_object(Bucket=bucket, Key=key, Body=data)["ETag"].strip('"')


def delete_older_versions(s3: S3Client, prefix: S3Uri, *, locked: bool = False) -> int:
    """Deletes what a versioned bucket keeps below `prefix` beside the newest objects; how many versions."""
    return delete_versions(s3, prefix.bucket, _older(s3, prefix), locked=locked)


def delete_all_versions(s3: S3Client, prefix: S3Uri) -> int:
    """Deletes every object below `prefix`, with its versions; how many."""
    versions = [*_newest(s3, prefix), *_older(s3, prefix)]
    return delete_versions(s3, prefix.bucket, versions)


def delete_versions(
    s3: S3Client, bucket: str, versions: Iterable[ObjectIdentifierTypeDef], *, locked: bool = False
) -> int:
    """Deletes versions for ever; how many. `locked`: in spite of an object lock in governance mode.

    Raises RunError (RUN160) when S3 refuses one.
    """
    several = list(versions)
    for begin in range(0, len(several), _MOST):
        part = several[begin : begin + _MOST]
        answer = s3.delete_objects(
            Bucket=bucket, Delete={"Objects": part, "Quiet": True}, BypassGovernanceRetention=locked
        )
        for error in answer.get("Errors", []):
            raise RunError(
                f"S3 does not delete a version of s3://{bucket}/{error.get('Key')}: {error.get('Code')}; "
                "whoever forgets needs s3:DeleteObjectVersion there, and s3:BypassGovernanceRetention where "
                "objects are locked",
                code="RUN160",
            )
    return len(several)


def _older(s3: S3Client, prefix: S3Uri) -> Iterator[ObjectIdentifierTypeDef]:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=prefix.bucket, Prefix=prefix.key):
        versions = [v for v in page.get("Versions", []) if not v["IsLatest"]]
        for old in [*versions, *page.get("DeleteMarkers", [])]:
            yield {"Key": old["Key"], "VersionId": old["VersionId"]}


def _newest(s3: S3Client, prefix: S3Uri) -> Iterator[ObjectIdentifierTypeDef]:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=prefix.bucket, Prefix=prefix.key):
        for version in page.get("Versions", []):
            if version["IsLatest"]:
                yield {"Key": version["Key"], "VersionId": version["VersionId"]}
