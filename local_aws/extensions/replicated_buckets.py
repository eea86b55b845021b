"""Versions of buckets with a replication rule, which moto only records: they are copied by `replication`."""

from __future__ import annotations

from typing import Any

from moto.s3.models import FakeKey, S3Backend

from local_aws.replication import current
from local_aws.replication_rules import is_marker, rule_of

_put, _mark, _headers = S3Backend.put_object, S3Backend._set_delete_marker, FakeKey.response_dict


def _put_object(backend: Any, bucket_name: str, key_name: str, *more: Any, **named: Any) -> Any:
    key = _put(backend, bucket_name, key_name, *more, **named)
    _replicate(backend, bucket_name, key)
    return key


def _set_delete_marker(backend: Any, bucket_name: str, key_name: str) -> Any:
    marker = _mark(backend, bucket_name, key_name)
    _replicate(backend, bucket_name, marker)
    return marker


def _replicate(backend: Any, bucket_name: str, version: Any) -> None:
    bucket, replication = backend.get_bucket(bucket_name), current()
    rule = rule_of(bucket, version.name) if replication and bucket.is_versioned else None
    if replication and rule and (rule.markers or not is_marker(version)):
        version.replication_status = "PENDING"
        replication.later(backend.account_id, bucket_name, version)


def _response_dict(key: Any) -> dict[str, Any]:
    """The headers of an object, with its status where it is replicated or a copy."""
    status = getattr(key, "replication_status", None)
    headers: dict[str, Any] = _headers.fget(key)  # type: ignore[attr-defined]
    return {**headers, "x-amz-replication-status": status} if status else headers


S3Backend.put_object = _put_object  # type: ignore[method-assign,assignment]
S3Backend._set_delete_marker = _set_delete_marker  # type: ignore[method-assign,assignment]
FakeKey.response_dict = property(_response_dict)  # type: ignore[method-assign,assignment]
