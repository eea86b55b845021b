"""Replication and notifications of buckets, which moto keeps only in part: returned as they were put."""

from __future__ import annotations

from collections.abc import Callable

from moto.s3.models import s3_backends

from local_aws.extensions.calls import Call, Reply, path

_documents: dict[tuple[str, str], bytes] = {}
# moto shows of a replication rule id, priority, status and destination alone. Of notifications it keeps
# EventBridge, and does not show it.
_ABSENT = {
    "replication": (
        404,
        b"<Error><Code>ReplicationConfigurationNotFoundError</Code><Message>There is none.</Message></Error>",
    ),
    "notification": (200, b'<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'),
}


@path("s3", "PUT", "/.*")
def put(call: Call) -> Reply | None:
    def keep(key: tuple[str, str]) -> Reply | None:
        _documents[key] = call.body
        # moto and our replication act on them, so moto gets the request too.
        return None

    return _on_document(call, keep)


@path("s3", "GET", "/.*")
def get(call: Call) -> Reply | None:
    def show(key: tuple[str, str]) -> Reply | None:
        status, absent = _ABSENT[key[1]]
        return Reply(
            200 if key in _documents else status,
            {"Content-Type": "application/xml"},
            _documents.get(key, absent),
        )

    return _on_document(call, show)


@path("s3", "DELETE", "/.*")
def delete(call: Call) -> Reply | None:
    def drop(key: tuple[str, str]) -> Reply | None:
        _documents.pop(key, None)
        return None

    # A deleted bucket loses its settings.
    bucket, key = _bucket_and_key(call)
    if not key and not call.query.partition("=")[0].strip("&"):
        for name in _ABSENT:
            _documents.pop((bucket, name), None)
    return _on_document(call, drop)


def _on_document(call: Call, act: Callable[[tuple[str, str]], Reply | None]) -> Reply | None:
    """None, so that moto answers, for other requests and for buckets that do not exist."""
    name = next((kind for kind in _ABSENT if kind in call.query_values), None)
    if name is None:
        return None
    bucket, key = _bucket_and_key(call)
    exists = bucket in s3_backends[call.account]["aws"].buckets
    return act((bucket, name)) if exists and not key else None


def _bucket_and_key(call: Call) -> tuple[str, str]:
    """Bucket and key, named by the host or by the path."""
    host = call.headers.get("host", "")
    whole = call.path.lstrip("/")
    if ".s3." in host or ".s3-" in host:
        return host.partition(".s3")[0], whole
    bucket, _, key = whole.partition("/")
    return bucket, key
