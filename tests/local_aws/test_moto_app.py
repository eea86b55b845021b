"""The embedded AWS answers every service, and leaves out the headers that Hadoop's S3 client cannot copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lakehouse.environments import Environment

ENCRYPTION = "x-amz-server-side-encryption"


def test_encrypted_object_has_no_header_of_its_encryption(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms")
    for answer in (s3.get_object(Bucket=bucket, Key="k"), s3.head_object(Bucket=bucket, Key="k")):
        assert [
            name for name in answer["ResponseMetadata"]["HTTPHeaders"] if name.startswith(ENCRYPTION)
        ] == []


def test_service_that_is_not_warmed_up_answers_too(
    client: Callable[[str], Any], local_env: Environment
) -> None:
    assert client("sts").get_caller_identity()["Account"] == local_env.account
    queue = client("sqs").create_queue(QueueName="one")["QueueUrl"]
    assert queue.endswith("/one")
