"""What is answered past moto's own dispatch is what moto would answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.object_names import NAMES


@pytest.mark.parametrize(
    ("header", "expected"),
    [("bytes=0-3", b"0123"), ("bytes=6-", b"6789"), ("bytes=-2", b"89"), ("bytes=8-99", b"89")],
)
def test_range_is_cut_as_s3_cuts_it(s3: Any, by_moto: Any, bucket: str, header: str, expected: bytes) -> None:
    by_moto.put_object(Bucket=bucket, Key="digits", Body=b"0123456789")
    for way in (s3, by_moto):
        answer = way.get_object(Bucket=bucket, Key="digits", Range=header)
        assert answer["Body"].read() == expected
        assert answer["ContentLength"] == len(expected)


def test_object_of_ten_megabytes_comes_back_as_it_was_sent(s3: Any, bucket: str) -> None:
    body = os.urandom(10_000_000)
    s3.put_object(Bucket=bucket, Key="big", Body=body)
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == body
    assert s3.head_object(Bucket=bucket, Key="big")["ContentLength"] == len(body)


def test_object_that_is_not_there_is_404(s3: Any, bucket: str) -> None:
    for call in (s3.head_object, s3.get_object):
        with pytest.raises(ClientError) as caught:
            call(Bucket=bucket, Key="nothing")
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_of_many_writers_that_ask_for_none_to_exist_one_wins(
    client: Callable[[str], Any], bucket: str
) -> None:
    clients = [client("s3") for _ in range(8)]

    def wins(number: int) -> int:
        try:
            clients[number % 8].put_object(
                Bucket=bucket, Key=f"log/{number // 8}", Body=str(number), IfNoneMatch="*"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(wins, range(160))) == 20


def test_deleted_objects_are_gone_both_ways(s3: Any, by_moto: Any, bucket: str) -> None:
    for name in NAMES:
        s3.put_object(Bucket=bucket, Key=name, Body=b"x")
    s3.delete_object(Bucket=bucket, Key=NAMES[0])
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": name} for name in NAMES[1:-1]]})
    assert [item["Key"] for item in by_moto.list_objects_v2(Bucket=bucket)["Contents"]] == [NAMES[-1]]


def test_versioned_bucket_keeps_its_versions(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="v", Body=b"1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="v", Body=b"2")
    assert s3.get_object(Bucket=bucket, Key="v", VersionId=first)["Body"].read() == b"1"
