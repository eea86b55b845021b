"""Which S3 requests, buckets and objects are plain enough to be answered without moto."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.backends import get_backend

if TYPE_CHECKING:
    from moto.s3.models import FakeBucket, FakeKey

# Headers that change nothing of an answer.
IGNORED_HEADERS = frozenset(
    [
        "host",
        "authorization",
        "user-agent",
        "x-amz-date",
        "date",
        "x-amz-content-sha256",
        "x-amz-decoded-content-length",
        "content-length",
        "content-md5",
        "content-type",
        "connection",
        "expect",
        "accept",
        "accept-encoding",
        "amz-sdk-invocation-id",
        "amz-sdk-request",
        "amz-sdk-retry",
        "x-amz-checksum-mode",
        "x-amz-security-token",
        "x-amzn-trace-id",
        "content-encoding",
        "transfer-encoding",
        "te",
    ]
)
LIST_PARAMETERS = frozenset(
    [
        "list-type",
        "prefix",
        "delimiter",
        "max-keys",
        "fetch-owner",
        "encoding-type",
        "start-after",
        "continuation-token",
    ]
)


def plain_bucket(name: str, *, is_decided: bool = False) -> FakeBucket | None:
    """The bucket, where it keeps plain objects; None where moto must answer.

    `is_decided`: the bucket's policy has been asked already.
    """
    backends: Any = get_backend("s3")
    owner = backends.bucket_accounts.get(name)
    if owner is None:
        return None
    partition, account = owner
    bucket = backends[account][partition].buckets[name]
    special = (
        bucket.versioning_status
        or bucket.notification_configuration
        or bucket.object_lock_enabled
        or bucket.logging
        or (bucket.policy and not is_decided)
    )
    return None if special else bucket


def is_plain(key: FakeKey) -> bool:
    """Whether an object has nothing but its bytes and a content type; how it is encrypted nobody is told."""
    return not (
        key.multipart
        or key.checksum_algorithm
        or key.lock_mode
        or key.website_redirect_location
        or key._expiry
    ) and set(key.metadata) <= {"content-type"}
