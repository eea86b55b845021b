"""Puts an object with the time that it had: Delta tells the age of a version by the time of its file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from moto.backends import get_backend

from local_aws.http import Request

# Metadata of a PutObject by the account's owner: ISO 8601. It is not kept as metadata.
MODIFIED = "lakehouse-modified"
_HEADER = f"x-amz-meta-{MODIFIED}"


def without_time(request: Request) -> tuple[Request, str]:
    """The request without the header, and the header's value; empty without one."""
    moment = request.headers.get(_HEADER, "")
    if not moment:
        return request, ""
    return replace(request, headers={k: v for k, v in request.headers.items() if k != _HEADER}), moment


def set_time(request: Request, moment: str) -> None:
    """Give the object of a PutObject its time."""
    bucket, _, key = request.path[1:].partition("/")
    backends: Any = get_backend("s3")
    partition, account = backends.bucket_accounts[bucket]
    stored = backends[account][partition].get_object(bucket, unquote(key))
    # moto keeps times in UTC, without saying so.
    stored.last_modified = datetime.fromisoformat(moment).astimezone(UTC).replace(tzinfo=None)
