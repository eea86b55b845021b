"""S3 batch jobs that copy what a bucket holds into its copy: start, follow, and what became of them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from glue_jobs.aws import clients
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone

FIRST_LOOK, LAST_LOOK = 1.0, 15.0
_ENDED = ("Complete", "Failed", "Cancelled")
# What S3 says of a job whose filter takes no object: nothing is to be copied.
_NOTHING = "found no keys"


@dataclass(frozen=True)
class BatchCopy:
    """A job of one zone. `status`: S3's own word for the objects that it copies."""

    env: Environment
    zone: Zone
    id: str

    @classmethod
    def start(cls, env: Environment, zone: Zone, status: str) -> BatchCopy:
        generator: dict[str, Any] = {
            "SourceBucket": f"arn:aws:s3:::{names.bucket(env, zone)}",
            "ExpectedBucketOwner": env.account,
            "EnableManifestOutput": False,
            "Filter": {"EligibleForReplication": True, "ObjectReplicationStatuses": [status]},
        }
        answer = _control(env).create_job(
            AccountId=env.account,
            ConfirmationRequired=False,
            Operation={"S3ReplicateObject": {}},
            Report={"Enabled": False},
            ClientRequestToken=str(uuid.uuid4()),
            ManifestGenerator={"S3JobManifestGenerator": generator},
            Priority=1,
            RoleArn=f"arn:aws:iam::{env.account}:role/{names.service_role(env, 'batch_replication')}",
            Description=f"{env.name}: {status.lower()} objects of {zone}",
        )
        return cls(env, zone, str(answer["JobId"]))

    def ended(self) -> Outcome:
        """Waits for the end of the job."""
        for seconds in _looks():
            job = _control(self.env).describe_job(AccountId=self.env.account, JobId=self.id)["Job"]
            if job["Status"] in _ENDED:
                break
            time.sleep(seconds)
        done = job.get("ProgressSummary", {})
        reasons = "; ".join(reason.get("FailureReason", "") for reason in job.get("FailureReasons") or [])
        return Outcome(
            names.bucket(self.env, self.zone),
            job["Status"],
            int(done.get("NumberOfTasksSucceeded", 0)),
            int(done.get("NumberOfTasksFailed", 0)),
            reasons,
        )


@dataclass(frozen=True)
class Outcome:
    """The end of a job: how many versions were copied, how many were not, and why the whole job failed."""

    bucket: str
    status: str
    copied: int
    failed: int
    reason: str

    @property
    def is_fault(self) -> bool:
        return not self._is_empty and (self.status != "Complete" or self.failed > 0)

    @property
    def text(self) -> str:
        if self._is_empty:
            return f"{self.bucket}: nothing to copy"
        reason = f": {self.reason}" if self.reason else ""
        return f"{self.bucket}: {self.status}, {self.copied} copied, {self.failed} failed{reason}"

    @property
    def _is_empty(self) -> bool:
        return self.status == "Failed" and _NOTHING in self.reason


def _looks() -> Iterator[float]:
    """Seconds between looks, without an end."""
    seconds = FIRST_LOOK
    while True:
        yield seconds
        seconds = min(seconds * 2, LAST_LOOK)


def _control(env: Environment) -> Any:
    return clients(env).client("s3control")
