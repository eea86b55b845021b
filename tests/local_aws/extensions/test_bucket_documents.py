"""Replication and notifications of buckets."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.extensions.conftest import Client, code_of


def bucket_of(s3: Any, name: str) -> str:
    bucket = f"{name}-{s3.meta.region_name}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    return bucket


def test_replication_is_returned_as_it_was_put(client: Client) -> None:
    s3 = client("s3")
    bucket, other = bucket_of(s3, "copied"), bucket_of(s3, "copies")
    for name in (bucket, other):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {
        "ID": "all",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        "Destination": {
            "Bucket": f"arn:aws:s3:::{other}",
            "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
        },
    }
    requested = {"Role": "arn:aws:iam::123456789012:role/copy", "Rules": [rule]}
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=requested)
    assert s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"] == requested
    s3.delete_bucket_replication(Bucket=bucket)
    with pytest.raises(ClientError) as caught:
        s3.get_bucket_replication(Bucket=bucket)
    assert code_of(caught) == "ReplicationConfigurationNotFoundError"


def test_a_deleted_bucket_loses_its_settings(client: Client) -> None:
    s3 = client("s3")
    bucket = bucket_of(s3, "gone")
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=bucket)
    s3.delete_bucket(Bucket=bucket)
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(
        Bucket=bucket_of(s3, "gone")
    )
