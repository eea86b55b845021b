"""The objects of all buckets, each stored once by the digest of its bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from pathlib import Path
from typing import Any, TypedDict

from local_aws.state.times import MODIFIED

_THREADS = 8


class StoredObject(TypedDict):
    """One object: `digest` is the SHA-256 of its bytes, `modified` is ISO 8601 in UTC."""

    key: str
    etag: str
    modified: str
    content_type: str
    digest: str


Buckets = dict[str, list[StoredObject]]


def save(s3: Any, folder: Path, before: Buckets) -> Buckets:
    """Store the objects that are not stored yet. Returns all of them by bucket."""
    folder.mkdir(parents=True, exist_ok=True)
    buckets: Buckets = {}
    with ThreadPoolExecutor(_THREADS) as threads:
        for name in (bucket["Name"] for bucket in s3.list_buckets()["Buckets"]):
            known = {(o["key"], o["etag"], o["modified"]): o for o in before.get(name, [])}
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=name)
            listed = [entry for page in pages for entry in page.get("Contents", [])]

            def one(entry: dict[str, Any], bucket: str = name, known: Any = known) -> StoredObject:
                modified = entry["LastModified"].astimezone(UTC).isoformat()
                stored = known.get((entry["Key"], entry["ETag"], modified))
                return stored or _store(s3, folder, bucket, entry, modified)

            buckets[name] = list(threads.map(one, listed))
    return buckets


def _store(s3: Any, folder: Path, bucket: str, entry: dict[str, Any], modified: str) -> StoredObject:
    answer = s3.get_object(Bucket=bucket, Key=entry["Key"])
    body = answer["Body"].read()
    digest = hashlib.sha256(body).hexdigest()
    file = folder / digest
    if not file.exists():
        unfinished = folder / f".{digest}.{hashlib.sha256(entry['Key'].encode()).hexdigest()[:8]}"
        unfinished.write_bytes(body)
        unfinished.replace(file)
    return {
        "key": entry["Key"],
        "etag": entry["ETag"],
        "modified": modified,
        "content_type": answer.get("ContentType", ""),
        "digest": digest,
    }


def forget_others(folder: Path, buckets: Buckets) -> None:
    """Delete the bytes that no object has any more."""
    used = {stored["digest"] for objects in buckets.values() for stored in objects}
    for file in folder.iterdir():
        if file.name not in used:
            file.unlink()


def restore(s3: Any, folder: Path, buckets: Buckets, region: str) -> None:
    """Put all objects back, into buckets that are made where they are missing."""
    present = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    for name in buckets.keys() - present:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    with ThreadPoolExecutor(_THREADS) as threads:
        list(threads.map(lambda pair: _put(s3, folder, *pair), _pairs(buckets)))


def _pairs(buckets: Buckets) -> Iterable[tuple[str, StoredObject]]:
    return ((name, stored) for name, objects in buckets.items() for stored in objects)


def _put(s3: Any, folder: Path, bucket: str, stored: StoredObject) -> None:
    more = {"ContentType": stored["content_type"]} if stored["content_type"] else {}
    s3.put_object(
        Bucket=bucket,
        Key=stored["key"],
        Body=(folder / stored["digest"]).read_bytes(),
        Metadata={MODIFIED: stored["modified"]},
        **more,
    )
