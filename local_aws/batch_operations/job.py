"""One batch job: what it was asked for, how far it is, and what CreateJob takes."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

ENDED = ("Complete", "Failed", "Cancelled")
BUCKET_ARN = "arn:aws:s3:::"


class InvalidJobError(Exception):
    """What a request asks for is wrong, or is not made here."""


@dataclass(frozen=True)
class Task:
    """The end of one version. `error`: why it was not copied; empty when it was."""

    key: str
    version: str
    error: str


@dataclass
class BatchJob:
    """`request` holds the parameters of CreateJob, `reason` says why the job failed."""

    account: str
    region: str
    request: dict[str, Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "New"
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime | None = None
    total: int = 0
    tasks: list[Task] = field(default_factory=list)
    reason: tuple[str, str] | None = None
    is_cancelled: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        _check(self.request)

    @property
    def arn(self) -> str:
        return f"arn:aws:s3:{self.region}:{self.account}:job/{self.id}"

    @property
    def bucket(self) -> str:
        """The bucket whose objects are copied."""
        return str(self.generator["SourceBucket"]).removeprefix(BUCKET_ARN)

    @property
    def generator(self) -> dict[str, Any]:
        generator: dict[str, Any] = self.request["ManifestGenerator"]["S3JobManifestGenerator"]
        return generator

    @property
    def failed(self) -> int:
        return sum(1 for task in self.tasks if task.error)

    def end(self, status: str, reason: tuple[str, str] | None = None) -> None:
        """`reason`: code and text of a failure."""
        self.reason, self.ended = reason, datetime.now(UTC)
        self.status = status

    def listed(self) -> dict[str, Any]:
        """The job as ListJobs shows it."""
        counts = {
            "TotalNumberOfTasks": self.total,
            "NumberOfTasksSucceeded": len(self.tasks) - self.failed,
            "NumberOfTasksFailed": self.failed,
        }
        shown = {
            "JobId": self.id,
            "Description": self.request.get("Description"),
            "Operation": "S3ReplicateObject",
            "Priority": self.request["Priority"],
            "Status": self.status,
            "CreationTime": self.created,
            "TerminationDate": self.ended,
            "ProgressSummary": counts,
        }
        return {key: value for key, value in shown.items() if value is not None}

    def described(self) -> dict[str, Any]:
        """The job as DescribeJob shows it."""
        reasons = (
            [dict(zip(("FailureCode", "FailureReason"), self.reason, strict=True))] if self.reason else []
        )
        kept = ("ManifestGenerator", "Report", "RoleArn")
        return {
            **self.listed(),
            "JobArn": self.arn,
            "Operation": {"S3ReplicateObject": {}},
            "ConfirmationRequired": False,
            "FailureReasons": reasons,
            **{key: self.request[key] for key in kept},
        }


def _check(request: dict[str, Any]) -> None:
    """Raises InvalidJobError: a job copies by replication, of a generated manifest that is not stored."""
    if [*(request.get("Operation") or {})] != ["S3ReplicateObject"]:
        raise InvalidJobError("only the operation S3ReplicateObject is executed here")
    generator = (request.get("ManifestGenerator") or {}).get("S3JobManifestGenerator")
    if not generator or generator.get("EnableManifestOutput"):
        raise InvalidJobError("a job needs a manifest generator that stores no manifest")
    if request.get("ConfirmationRequired"):
        raise InvalidJobError("a job starts at once here; ConfirmationRequired must be false")
    report = request.get("Report") or {}
    if report.get("Enabled") and not report.get("Bucket"):
        raise InvalidJobError("a report needs a bucket")
