"""Bucket policies with conditions."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.extensions.conftest import Client


def test_only_a_deny_without_condition_closes_a_bucket(
    client: Client,
) -> None:
    s3 = client("s3")
    bucket = f"probe-{s3.meta.region_name}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    every = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Resource": [f"arn:aws:s3:::{bucket}/*"]}
    tls = {**every, "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    s3.put_object(Bucket=bucket, Key="x", Body=b"1")
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [tls]}))
    s3.put_object(Bucket=bucket, Key="x", Body=b"2")
    assert s3.head_object(Bucket=bucket, Key="x")["ContentLength"] == 1
    assert "Errors" not in s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "gone"}]})
    s3.put_bucket_policy(
        Bucket=bucket,
        Policy=json.dumps(
            {"Version": "2012-10-17", "Statement": [tls, {**every, "Action": "s3:DeleteObject"}]}
        ),
    )
    with pytest.raises(ClientError) as caught:
        s3.delete_object(Bucket=bucket, Key="x")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
