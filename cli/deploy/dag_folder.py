"""The DAG folder in an environment's artifacts bucket, which Managed Airflow reads."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli.deploy.releases import SHORT, put_object
from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_keys
from infra.build.dags import dag_entries
from infra.build.parts import DAGS_PREFIX
from lakehouse.digest import content_of, digest_of
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from lakehouse.reading.faults import Fault, FaultsError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_LISTING = f"{DAGS_PREFIX}.json"
_AT_ONCE = 8


@dataclass(frozen=True)
class _Listing:
    """What the folder in the bucket holds: the digest of all, empty until all is there, and each file's."""

    digest: str
    files: dict[str, str]


@dataclass(frozen=True)
class SyncedDags:
    """Numbers of files: of the folder, and of those that this call uploaded and deleted."""

    files: int
    uploaded: int
    deleted: int


def sync_dags(env: Environment, root: Path, digest: str, kms_key: str | None = None) -> SyncedDags:
    """Makes the folder in the bucket that of the project at `root`.

    Uploads the files that differ, and deletes those that an earlier call uploaded and the project no longer
    has; a file that somebody else put there stays. A call that was killed is finished by the next one.
    `kms_key`: the ARN of the key that encrypts new objects (default: the bucket's). Raises FaultsError
    (LK521) when `digest` is neither that of the project nor of what is in the bucket.
    """
    s3, bucket = clients(env).s3, names.bucket(env, Zone.ARTIFACTS)
    listing = S3Uri(bucket, _LISTING)
    stored = _stored(s3, listing)
    entries = dag_entries(root)
    if digest_of(entries) != digest:
        if stored.digest == digest:
            return SyncedDags(len(stored.files), 0, 0)
        raise FaultsError([_other_tree(digest)])
    bodies = {name: content_of(content) for name, content in entries.items()}
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in bodies.items()}
    folder = S3Uri(bucket, DAGS_PREFIX).folder
    present = {key.removeprefix(folder.key) for key in list_keys(s3, folder)}
    changed = [n for n in digests if n not in present or stored.files.get(n) != digests[n]]
    gone = [n for n in stored.files if n in present and n not in digests]
    if changed or gone or stored.digest != digest:
        # Before the first file, the listing names every file that may be there: a killed call forgets none.
        unfinished = {**stored.files, **dict.fromkeys([*changed, *gone], "")}
        _put_listing(s3, listing, _Listing("", unfinished), kms_key)
        _put_all(s3, folder, {name: bodies[name] for name in changed}, kms_key)
        for name in gone:
            s3.delete_object(Bucket=bucket, Key=folder.child(name).key)
        _put_listing(s3, listing, _Listing(digest, digests), kms_key)
    return SyncedDags(len(digests), len(changed), len(gone))


def _put_all(s3: S3Client, folder: S3Uri, bodies: dict[str, bytes], kms_key: str | None) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        puts = [pool.submit(put_object, s3, folder.child(n), body, kms_key) for n, body in bodies.items()]
    for put in puts:
        put.result()


def _put_listing(s3: S3Client, uri: S3Uri, listing: _Listing, kms_key: str | None) -> None:
    put_object(s3, uri, json.dumps(asdict(listing), indent=1, sort_keys=True).encode(), kms_key)


def _stored(s3: S3Client, listing: S3Uri) -> _Listing:
    from botocore.exceptions import ClientError

    try:
        return _Listing(**json.loads(s3.get_object(Bucket=listing.bucket, Key=listing.key)["Body"].read()))
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return _Listing("", {})


def _other_tree(digest: str) -> Fault:
    problem = f"DAG folder {digest[:SHORT]} is neither in the bucket nor of this tree"
    return Fault("mwaa_dags", 0, 0, "LK521", problem, "the tree that was planned, or plan again")
