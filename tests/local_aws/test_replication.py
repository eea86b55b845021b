"""What a bucket with a rule gets reaches the bucket of the rule, version by version, by the rule's role."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lakehouse.environments import Environment
from tests.buckets import delete_bucket
from tests.cli.personal_data.canaries import second_region

Client = Callable[[str], Any]
TRUST = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}
RIGHTS = ("s3:GetObjectVersionForReplication", "s3:ReplicateObject", "s3:ReplicateDelete")


class Pair:
    """A bucket, the bucket of its rule in the second region, and the role that copies."""

    def __init__(self, env: Environment, client: Client) -> None:
        self.s3, self._iam = client("s3"), client("iam")
        self.name = f"from-{os.urandom(4).hex()}"
        self.copy = f"{self.name}-copy"
        for bucket, of_region in ((self.name, self.s3), (self.copy, second_region(env))):
            place: Any = {"LocationConstraint": of_region.meta.region_name}
            of_region.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        self.role = self._iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=_policy(TRUST))
        self.may(*RIGHTS)
        rule: dict[str, Any] = {
            "ID": "all",
            "Status": "Enabled",
            "Priority": 1,
            "Filter": {"Prefix": "data/"},
            "DeleteMarkerReplication": {"Status": "Enabled"},
            "Destination": {"Bucket": f"arn:aws:s3:::{self.copy}"},
        }
        self.s3.put_object(Bucket=self.name, Key="data/before", Body=b"")
        facts = {"Role": self.role["Role"]["Arn"], "Rules": [rule]}
        self.s3.put_bucket_replication(Bucket=self.name, ReplicationConfiguration=facts)

    def may(self, *actions: str) -> None:
        allowed = {"Effect": "Allow", "Action": [*actions], "Resource": "*"}
        self._iam.put_role_policy(RoleName=self.name, PolicyName="copy", PolicyDocument=_policy(allowed))

    def put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=self.name, Key=key, Body=body, Metadata={"is": "kept"})

    def versions(self, bucket: str) -> list[tuple[str, str, bool]]:
        """(key, id, whether it is a delete marker) of each version."""
        listed = self.s3.list_object_versions(Bucket=bucket)
        objects = [(v["Key"], v["VersionId"], False) for v in listed.get("Versions", [])]
        return sorted(
            [*objects, *((m["Key"], m["VersionId"], True) for m in listed.get("DeleteMarkers", []))]
        )

    def status(self, key: str) -> str:
        """The status of a version when it is no longer pending."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            status = self.s3.head_object(Bucket=self.name, Key=key).get("ReplicationStatus", "")
            if status != "PENDING":
                return str(status)
            time.sleep(0.05)
        raise TimeoutError(key)


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def pair(local_env: Environment, client: Client) -> Iterator[Pair]:
    pair = Pair(local_env, client)
    yield pair
    for bucket in (pair.name, pair.copy):
        delete_bucket(pair.s3, bucket)


def test_versions_and_delete_markers_reach_the_copy_with_their_ids(pair: Pair) -> None:
    for number in range(5):
        pair.put(f"data/{number}", b"one")
    pair.put("data/0", b"two")
    pair.put("other/0", b"one")
    pair.s3.delete_object(Bucket=pair.name, Key="data/1")
    expected = [v for v in pair.versions(pair.name) if v[0] not in ("data/before", "other/0")]
    until = time.monotonic() + 20
    while pair.versions(pair.copy) != expected and time.monotonic() < until:
        time.sleep(0.05)
    assert pair.versions(pair.copy) == expected
    copy = pair.s3.get_object(Bucket=pair.copy, Key="data/0")
    assert (copy["Body"].read(), copy["ReplicationStatus"], copy["Metadata"]) == (
        b"two",
        "REPLICA",
        {"is": "kept"},
    )
    assert pair.status("data/0") == "COMPLETED"
    assert "ReplicationStatus" not in pair.s3.head_object(Bucket=pair.name, Key="data/before")


def test_role_without_the_right_fails_and_with_it_again_copies(pair: Pair) -> None:
    pair.may("s3:GetObjectVersionForReplication")
    pair.put("data/0", b"one")
    assert pair.status("data/0") == "FAILED"
    assert pair.versions(pair.copy) == []
    pair.may(*RIGHTS)
    pair.put("data/0", b"two")
    assert pair.status("data/0") == "COMPLETED"
    assert len(pair.versions(pair.copy)) == 1


def test_copy_that_has_been_deleted_for_good_in_the_source_stays(pair: Pair) -> None:
    pair.put("data/0", b"one")
    assert pair.status("data/0") == "COMPLETED"
    ((_, version, _),) = pair.versions(pair.copy)
    pair.s3.delete_object(Bucket=pair.name, Key="data/0", VersionId=version)
    time.sleep(0.1)
    assert len(pair.versions(pair.copy)) == 1
