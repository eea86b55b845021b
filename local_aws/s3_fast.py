"""Answers the S3 requests that Delta sends by the thousand from moto's state; moto answers all others.

Only plain requests are answered here: a bucket without versions, notifications or encryption, an object
without metadata, no header that this file does not know. The state is moto's own: both see the same objects.
"""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from moto.backends import get_backend

from local_aws.http import Request, Response
from local_aws.s3_chunks import unchunk
from local_aws.s3_listing import listing
from local_aws.s3_plain import IGNORED_HEADERS, LIST_PARAMETERS, is_plain, plain_bucket
from local_aws.s3_xml import DECLARATION, NAMESPACE, XML, error, precondition_failed

_SCOPE = "/s3/aws4_request"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
if TYPE_CHECKING:
    from moto.s3.models import FakeBucket, FakeKey

_PAYLOADS = ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")


def answer(request: Request, *, is_decided: bool = False) -> Response | None:
    """The answer to a plain S3 request, or None when moto must answer. The caller holds the S3 lock.

    `is_decided`: the policies that concern the request have been asked already.
    """
    if _SCOPE not in request.headers.get("authorization", ""):
        return None
    bucket_name, _, raw_key = request.path[1:].partition("/")
    bucket = plain_bucket(bucket_name, is_decided=is_decided)
    if bucket is None:
        return None
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    query.pop("x-id", None)
    unknown = request.headers.keys() - IGNORED_HEADERS
    if raw_key and not query:
        return _on_key(request, bucket, unquote(raw_key), unknown)
    if raw_key or unknown:
        return None
    if request.method == "GET" and query.get("list-type") == "2" and query.keys() <= LIST_PARAMETERS:
        return listing(bucket, query)
    if request.method == "POST" and query == {"delete": ""}:
        return _delete_many(bucket, request.body)
    return None


def _on_key(request: Request, bucket: FakeBucket, name: str, unknown: set[str]) -> Response | None:
    if request.method == "PUT":
        return _put(request, bucket, name) if unknown <= {"if-none-match"} else None
    if request.method == "DELETE":
        return _delete(bucket, name) if not unknown else None
    if request.method not in ("GET", "HEAD") or not unknown <= {"range", "if-match"}:
        return None
    key = bucket.keys.get(name)
    if key is None:
        return error(404, "NoSuchKey", "The specified key does not exist.", name)
    if not is_plain(key):
        return None
    expected = request.headers.get("if-match")
    if expected and expected.strip('"') != key.etag.strip('"'):
        return precondition_failed(name)
    return _read(key, request)


def _read(key: FakeKey, request: Request) -> Response | None:
    headers = [
        ("ETag", key.etag),
        ("Last-Modified", format_datetime(key.last_modified.replace(tzinfo=UTC), usegmt=True)),
        ("Accept-Ranges", "bytes"),
        ("Content-Type", key.metadata.get("Content-Type", "binary/octet-stream")),
    ]
    size, start, status = key.size, 0, 200
    end = size - 1
    if "range" in request.headers:
        match = _RANGE.match(request.headers["range"])
        if match is None or match.groups() == ("", ""):
            return None
        first, last = match.groups()
        start = int(first) if first else max(0, size - int(last))
        end = min(int(last), end) if first and last else end
        if start > end:
            return error(416, "InvalidRange", "The requested range is not satisfiable", key.name)
        status = 206
        headers.append(("Content-Range", f"bytes {start}-{end}/{size}"))
    if request.method == "HEAD":
        return Response(status, headers, length=end - start + 1)
    buffer = key._value_buffer
    buffer.seek(start)
    return Response(status, headers, buffer.read(end - start + 1))


def _put(request: Request, bucket: FakeBucket, name: str) -> Response | None:
    condition = request.headers.get("if-none-match")
    payload = request.headers.get("x-amz-content-sha256", "")
    encoding = request.headers.get("content-encoding", "")
    if payload in _PAYLOADS or encoding not in ("", "aws-chunked") or condition not in (None, "*"):
        return None
    if condition and bucket.keys.get(name) is not None:
        return precondition_failed(name)
    body = unchunk(request.body) if payload == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" else request.body
    key = get_backend("s3")[bucket.account_id][bucket.partition].put_object(bucket.name, name, body)
    if content_type := request.headers.get("content-type"):
        key.metadata["Content-Type"] = content_type
    return Response(200, [("ETag", key.etag)])


def _delete(bucket: FakeBucket, name: str) -> Response:
    if name in bucket.keys:
        bucket.keys.pop(name)
    return Response(204, [])


def _delete_many(bucket: FakeBucket, body: bytes) -> Response | None:
    root = ElementTree.fromstring(body)
    items = [
        (item.findtext("{*}Key") or "", item.findtext("{*}VersionId")) for item in root.iterfind("{*}Object")
    ]
    if any(version for _, version in items):
        return None
    for name, _ in items:
        _delete(bucket, name)
    quiet = (root.findtext("{*}Quiet") or "").lower() == "true"
    deleted = "" if quiet else "".join(f"<Deleted><Key>{escape(name)}</Key></Deleted>" for name, _ in items)
    return Response(
        200, XML, f'{DECLARATION}<DeleteResult xmlns="{NAMESPACE}">{deleted}</DeleteResult>'.encode()
    )
