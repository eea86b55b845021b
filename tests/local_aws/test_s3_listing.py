"""Listings answered past moto are those that moto would answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_aws.object_names import NAMES


def _seen(answer: dict[str, Any]) -> dict[str, Any]:
    shown = ("Contents", "CommonPrefixes", "KeyCount", "IsTruncated", "Prefix", "Delimiter", "MaxKeys")
    return {name: answer.get(name) for name in shown}


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"Prefix": "a/"},
        {"Prefix": "a", "Delimiter": "/"},
        {"Delimiter": "/"},
        {"Prefix": "none"},
        {"StartAfter": "a/b"},
        {"MaxKeys": 3},
    ],
)
def test_listing_equals_motos(s3: Any, by_moto: Any, bucket: str, arguments: dict[str, Any]) -> None:
    for name in NAMES:
        s3.put_object(Bucket=bucket, Key=name, Body=name.encode(), ChecksumAlgorithm="CRC32")
    for name in NAMES:
        s3.copy_object(Bucket=bucket, Key=f"copy/{name}", CopySource={"Bucket": bucket, "Key": name})
    assert _seen(s3.list_objects_v2(Bucket=bucket, **arguments)) == _seen(
        by_moto.list_objects_v2(Bucket=bucket, **arguments)
    )


def test_pages_give_every_key_once_and_in_order(s3: Any, bucket: str) -> None:
    for number in range(25):
        s3.put_object(Bucket=bucket, Key=f"k/{number:02}", Body=b"x")
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix="k/", PaginationConfig={"PageSize": 7}
    )
    assert [item["Key"] for page in pages for item in page["Contents"]] == [
        f"k/{number:02}" for number in range(25)
    ]
