"""Batch jobs copy existing objects by the rule of their bucket.

botocore's own models judge every request and answer.
"""

from __future__ import annotations

import csv
import io
import json
import time
from typing import Any

import pytest

from glue_jobs.aws import clients
from lakehouse.environments import Environment
from tests.local_aws.test_replication import RIGHTS, Pair, _policy, pair

__all__ = ["pair"]
_TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "batchoperations.s3.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
_BATCH = ("s3:InitiateReplication", "s3:GetReplicationConfiguration", "s3:PutInventoryConfiguration")


class Batch:
    """Jobs of a bucket, and the role under which they run."""

    def __init__(self, env: Environment, pair: Pair) -> None:
        self.control, self.account, self.pair = clients(env).client("s3control"), env.account, pair
        self.name = f"{pair.name}-batch"
        self.role = pair._iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=_policy(_TRUST))
        self.may(*_BATCH)

    def may(self, *actions: str) -> None:
        allowed = {"Effect": "Allow", "Action": [*actions], "Resource": "*"}
        self.pair._iam.put_role_policy(RoleName=self.name, PolicyName="b", PolicyDocument=_policy(allowed))

    def run(self, status: str, report: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        """The ended job, as DescribeJob shows it."""
        chosen = {"EligibleForReplication": True, "ObjectReplicationStatuses": [status]}
        generator = {
            "SourceBucket": f"arn:aws:s3:::{self.pair.name}",
            "ExpectedBucketOwner": self.account,
            "EnableManifestOutput": False,
            "Filter": chosen,
        }
        request = {
            "AccountId": self.account,
            "ConfirmationRequired": False,
            "Operation": {"S3ReplicateObject": {}},
            "Report": report or {"Enabled": False},
            "ManifestGenerator": {"S3JobManifestGenerator": generator},
            "Priority": 1,
            "RoleArn": self.role["Role"]["Arn"],
        }
        job = self.control.create_job(**{**request, **changes})["JobId"]
        until = time.monotonic() + 20
        while time.monotonic() < until:
            found: dict[str, Any] = self.control.describe_job(AccountId=self.account, JobId=job)["Job"]
            if found["Status"] in ("Complete", "Failed"):
                return found
            time.sleep(0.05)
        raise TimeoutError(found)


@pytest.fixture
def batch(local_env: Environment, pair: Pair) -> Batch:
    return Batch(local_env, pair)


def _counts(job: dict[str, Any]) -> tuple[int, int, int]:
    done = job["ProgressSummary"]
    return done["TotalNumberOfTasks"], done["NumberOfTasksSucceeded"], done["NumberOfTasksFailed"]


def test_objects_older_than_the_rule_reach_the_copy_by_a_batch_job(batch: Batch) -> None:
    pair = batch.pair
    assert pair.versions(pair.copy) == []
    job = batch.run("NONE")
    assert (job["Status"], _counts(job), job["FailureReasons"]) == ("Complete", (1, 1, 0), [])
    assert pair.versions(pair.copy) == pair.versions(pair.name)
    assert pair.status("data/before") == "COMPLETED"
    again = batch.run("NONE")
    assert again["Status"] == "Failed"
    assert "found no keys" in again["FailureReasons"][0]["FailureReason"]
    listed = batch.control.list_jobs(AccountId=batch.account, JobStatuses=["Complete"])["Jobs"]
    assert job["JobId"] in {one["JobId"] for one in listed}
    assert again["JobId"] not in {one["JobId"] for one in listed}


def test_failed_copies_are_made_once_the_rule_may_again(batch: Batch) -> None:
    pair = batch.pair
    pair.may("s3:GetObjectVersionForReplication")
    for key in ("data/1", "data/2"):
        pair.put(key, b"one")
        assert pair.status(key) == "FAILED"
    report = {
        "Enabled": True,
        "Bucket": f"arn:aws:s3:::{pair.name}",
        "Prefix": "reports",
        "Format": "Report_CSV_20180820",
        "ReportScope": "FailedTasksOnly",
    }
    batch.may(*_BATCH, "s3:PutObject")
    job = batch.run("FAILED", report)
    assert (job["Status"], _counts(job)) == ("Complete", (2, 0, 2))
    stored = pair.s3.get_object(Bucket=pair.name, Key=f"reports/job-{job['JobId']}/manifest.json")
    (result,) = json.load(stored["Body"])["Results"]
    body = pair.s3.get_object(Bucket=pair.name, Key=result["Key"])["Body"].read().decode()
    rows = list(csv.reader(io.StringIO(body)))
    assert [(row[1], row[3], row[4]) for row in rows] == [
        ("data/1", "failed", "AccessDenied"),
        ("data/2", "failed", "AccessDenied"),
    ]
    assert "s3:ReplicateObject" in rows[0][6]
    pair.may(*RIGHTS)
    job = batch.run("FAILED")
    assert (job["Status"], _counts(job)) == ("Complete", (2, 2, 0))
    assert [key for key, _, _ in pair.versions(pair.copy)] == ["data/1", "data/2"]


def test_a_job_whose_role_lacks_a_right_says_which(batch: Batch) -> None:
    batch.may("s3:InitiateReplication")
    job = batch.run("NONE")
    assert job["Status"] == "Failed"
    assert "s3:GetReplicationConfiguration" in job["FailureReasons"][0]["FailureReason"]
    batch.may("s3:GetReplicationConfiguration", "s3:PutInventoryConfiguration")
    job = batch.run("NONE")
    assert (job["Status"], _counts(job)) == ("Complete", (1, 0, 1))
    assert batch.pair.versions(batch.pair.copy) == []


def test_another_operation_and_an_unknown_job_are_refused(batch: Batch) -> None:
    with pytest.raises(batch.control.exceptions.ClientError, match="only the operation S3ReplicateObject"):
        batch.run("NONE", Operation={"S3InitiateRestoreObject": {}})
    with pytest.raises(batch.control.exceptions.ClientError, match="NoSuchJob"):
        batch.control.describe_job(AccountId=batch.account, JobId="unknown")
