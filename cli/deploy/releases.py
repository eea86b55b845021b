"""The releases in an environment's artifacts bucket: engine, bundle and manifest, written once and kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.s3 import S3Uri, list_keys
from infra.build.make import FOLDER, is_built
from infra.build.parts import BUNDLE_FOLDER, ENGINE_FOLDER
from infra.build.release import engine_files, working_release
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from lakehouse.reading.faults import Fault, FaultsError
from lakehouse.release import BUNDLE, Release, bundle_key, engine_key, release_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Digits of a digest that people are shown. A command takes any number that names one release only.
SHORT = 12


def upload_release(env: Environment, root: Path, digest: str, kms_key: str | None = None) -> Release:
    """Makes sure that a release is in the bucket: uploads what is missing if `root` has built it.

    Objects that are there are left alone: their keys name their content. `kms_key`: the ARN of the key
    that encrypts new objects (default: the bucket's). Raises FaultsError (LK521) when the release is
    neither in the bucket nor built.
    """
    s3, bucket = clients(env).s3, names.bucket(env, Zone.ARTIFACTS)
    manifest = S3Uri(bucket, release_key(digest))
    stored = _stored_release(s3, manifest)
    working = working_release(root)
    if working.digest != digest or not is_built(root):
        if stored is None:
            raise FaultsError([_not_built(digest)])
        return stored
    for key, file in _files(root / FOLDER, working):
        if not _exists(s3, S3Uri(bucket, key)):
            put_object(s3, S3Uri(bucket, key), file.read_bytes(), kms_key)
    if stored is not None and not (stored.is_dirty and not working.is_dirty):
        return stored
    # The manifest comes last, so a release that is listed is whole. One of a dirty tree is replaced by
    # that of a commit.
    release = replace(working, created_at=datetime.now(UTC).isoformat(timespec="seconds"))
    put_object(s3, manifest, release.to_json().encode(), kms_key)
    return release


def find_release(env: Environment, digest: str) -> Release:
    """The release whose digest begins with the given digits.

    Raises RunError (RUN512) with the known ones when none or several do.
    """
    releases = list_releases(env)
    matches = [release for release in releases if digest and release.digest.startswith(digest)]
    if len(matches) == 1:
        return matches[0]
    lines = "\n".join(f"  {describe(release)}" for release in releases) or "  none: nothing was deployed yet"
    problem = f"{len(matches)} releases begin with '{digest}'" if matches else f"no release '{digest}'"
    raise RunError(f"{problem} in environment '{env.name}'; there are, newest first:\n{lines}", code="RUN512")


def list_releases(env: Environment) -> list[Release]:
    """Every release in the bucket, the newest first. None when the bucket does not exist yet."""
    from botocore.exceptions import ClientError

    s3, prefix = clients(env).s3, S3Uri(names.bucket(env, Zone.ARTIFACTS), release_key(""))
    try:
        stored = [_stored_release(s3, replace(prefix, key=key)) for key in list_keys(s3, prefix)]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
        return []
    return sorted(filter(None, stored), key=lambda release: release.created_at, reverse=True)


def deployed_release(env: Environment, jobs: list[str]) -> Release | None:
    """The release that the deployed Glue jobs name in their arguments. None before the first deploy."""
    from botocore.exceptions import ClientError

    for job in jobs:
        try:
            answer = clients(env).glue.get_job(JobName=names.glue_job(env, job))
        except ClientError as error:
            if error.response["Error"]["Code"] != "EntityNotFoundException":
                raise
            continue
        uri = answer["Job"].get("DefaultArguments", {}).get("--release")
        return _stored_release(clients(env).s3, S3Uri.parse(uri)) if uri else None
    return None


def describe(release: Release) -> str:
    """One line for people: the digest of the release, its time, and the digests of its parts."""
    parts = f"engine {release.engine[:SHORT]}, bundle {release.bundle[:SHORT]}"
    return f"{release.digest[:SHORT]}  {release.created_at}  {parts}, commit {release.commit or 'unknown'}"


def _files(build: Path, release: Release) -> Iterator[tuple[str, Path]]:
    for file in engine_files(release):
        yield engine_key(release.engine, file), build / ENGINE_FOLDER / file
    yield bundle_key(release.bundle), build / BUNDLE_FOLDER / BUNDLE


def put_object(s3: S3Client, uri: S3Uri, body: bytes, kms_key: str | None) -> None:
    """Puts an object, under a key of its own where the bucket's is not meant."""
    if kms_key is None:
        s3.put_object(Bucket=uri.bucket, Key=uri.key, Body=body)
    else:
        encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key}
        s3.put_object(Bucket=uri.bucket, Key=uri.key, Body=body, **encrypted)  # type: ignore[arg-type]


def _stored_release(s3: S3Client, manifest: S3Uri) -> Release | None:
    from botocore.exceptions import ClientError

    try:
        return Release.parse(s3.get_object(Bucket=manifest.bucket, Key=manifest.key)["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return None


def _exists(s3: S3Client, uri: S3Uri) -> bool:
    from botocore.exceptions import ClientError

    try:
        s3.head_object(Bucket=uri.bucket, Key=uri.key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchKey"):
            raise
        return False
    return True


def _not_built(digest: str) -> Fault:
    problem = f"release {digest[:SHORT]} is neither in the bucket nor built from this tree"
    expected = "the tree that was planned, built: `cdktf deploy` does it, or plan again"
    return Fault(FOLDER, 0, 0, "LK521", problem, expected)
