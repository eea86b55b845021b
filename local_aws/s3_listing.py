"""Answers ListObjectsV2, for which moto needs a time that grows with the whole bucket."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from local_aws.http import Response
from local_aws.s3_xml import DECLARATION, NAMESPACE, XML

if TYPE_CHECKING:
    from moto.s3.models import FakeBucket


def listing(bucket: FakeBucket, query: dict[str, str]) -> Response:
    """The answer of ListObjectsV2 for moto's `bucket`; a page's continuation token is its last name."""
    prefix, delimiter, limit = (
        query.get("prefix", ""),
        query.get("delimiter", ""),
        int(query.get("max-keys", "1000")),
    )
    after = (
        unquote(query["continuation-token"])
        if "continuation-token" in query
        else query.get("start-after", "")
    )
    names = _names(bucket, prefix, delimiter, after)
    page = names[:limit]
    more = len(names) > limit > 0
    show = quote if query.get("encoding-type") == "url" else escape
    fields = [
        f"<Name>{bucket.name}</Name><Prefix>{show(prefix)}</Prefix>",
        f"<MaxKeys>{limit}</MaxKeys><KeyCount>{len(page)}</KeyCount>",
        f"<IsTruncated>{str(more).lower()}</IsTruncated>",
        f"<Delimiter>{escape(delimiter)}</Delimiter>" if delimiter else "",
        "<EncodingType>url</EncodingType>" if show is quote else "",
        f"<NextContinuationToken>{quote(page[-1], safe='')}</NextContinuationToken>" if more else "",
        *(
            _entry(bucket, name, show)
            if is_key
            else f"<CommonPrefixes><Prefix>{show(name)}</Prefix></CommonPrefixes>"
            for name, is_key in _kinds(page, prefix, delimiter)
        ),
    ]
    return Response(
        200,
        XML,
        f'{DECLARATION}<ListBucketResult xmlns="{NAMESPACE}">{"".join(fields)}</ListBucketResult>'.encode(),
    )


def _names(bucket: FakeBucket, prefix: str, delimiter: str, after: str) -> list[str]:
    """Keys, and folders up to the delimiter, in S3's order: by UTF-8 bytes, as Python orders code points."""
    skip = len(prefix)
    names = {name for name in dict.keys(bucket.keys) if name.startswith(prefix)}
    if delimiter:
        names = {
            name if (at := name.find(delimiter, skip)) < 0 else name[: at + len(delimiter)] for name in names
        }
    return sorted(name for name in names if name > after)


def _kinds(page: list[str], prefix: str, delimiter: str) -> list[tuple[str, bool]]:
    return [(name, not delimiter or delimiter not in name[len(prefix) :]) for name in page]


def _entry(bucket: FakeBucket, name: str, show: Callable[[str], str]) -> str:
    key = bucket.keys[name]
    checksum = (
        f"<ChecksumAlgorithm>{key.checksum_algorithm}</ChecksumAlgorithm>" if key.checksum_algorithm else ""
    )
    return (
        f"<Contents><Key>{show(name)}</Key><LastModified>{key.last_modified_ISO8601}</LastModified>"
        f"<ETag>{escape(key.etag)}</ETag>"
        f"<Size>{key.size}</Size><StorageClass>{key.storage_class}</StorageClass>{checksum}</Contents>"
    )
