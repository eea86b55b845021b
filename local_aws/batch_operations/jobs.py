"""The batch jobs of the account, each executed by a thread of its own under the job's role."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from local_aws.batch_operations import report
from local_aws.batch_operations.job import BUCKET_ARN, BatchJob, Task
from local_aws.batch_operations.manifest import versions
from local_aws.iam.actions import Action
from local_aws.iam.assumption import AssumptionError, role_session

if TYPE_CHECKING:
    from local_aws.glue.host import GlueHost
    from local_aws.iam.guard import Guard
    from local_aws.replication import Replication

log = logging.getLogger(__name__)
_SERVICE = "batchoperations.s3.amazonaws.com"
# AWS ends a job of which at least half of the first thousand tasks failed.
_MIN_TASKS, _MAX_FAILED = 1000, 0.5
_current: list[BatchJobs] = []


class JobFailedError(Exception):
    """Code and text of a failure of a whole job."""


class BatchJobs:
    """All jobs, by account, region and id."""

    def __init__(self, host: GlueHost, guard: Guard, replication: Replication) -> None:
        self._host, self._guard, self._replication = host, guard, replication
        self._jobs: dict[tuple[str, str, str], BatchJob] = {}
        self._tokens: dict[tuple[str, str, str], BatchJob] = {}

    def start(self, account: str, region: str, request: dict[str, Any]) -> BatchJob:
        """Start a job; the same request token gives the job that it gave before. Raises InvalidJobError."""
        token = (account, region, request["ClientRequestToken"])
        if token not in self._tokens:
            job = BatchJob(account, region, request)
            self._tokens[token] = self._jobs[account, region, job.id] = job
            threading.Thread(target=self._work, args=(job,), daemon=True).start()
        return self._tokens[token]

    def find(self, account: str, region: str, job_id: str) -> BatchJob | None:
        return self._jobs.get((account, region, job_id))

    def of(self, account: str, region: str) -> list[BatchJob]:
        """The jobs of a region, the newest first."""
        jobs = [job for key, job in list(self._jobs.items()) if key[:2] == (account, region)]
        return sorted(jobs, key=lambda job: job.created, reverse=True)

    def _work(self, job: BatchJob) -> None:
        try:
            self._execute(job)
        except JobFailedError as error:
            job.end("Failed", error.args)
        except Exception as error:
            log.exception("batch job %s", job.id)
            job.end("Failed", ("InternalError", str(error)))

    def _execute(self, job: BatchJob) -> None:
        job.status = "Preparing"
        key = self._session(job)
        todo = self._manifest(job, key)
        job.total = len(todo)
        job.status = "Ready"
        job.status = "Active"
        for version in todo:
            if job.is_cancelled.is_set():
                break
            job.tasks.append(self._task(job, key, version))
            if len(job.tasks) == _MIN_TASKS and job.failed >= _MAX_FAILED * _MIN_TASKS:
                raise JobFailedError("JobFailureThresholdExceeded", "too many tasks of the job failed")
        job.status = "Completing"
        if job.request["Report"].get("Enabled"):
            self._write_report(job, key)
        job.end("Cancelled" if job.is_cancelled.is_set() else "Complete")

    def _session(self, job: BatchJob) -> str:
        """The access key of the job's role."""
        try:
            session = role_session(
                self._host, job.region, job.request["RoleArn"], _SERVICE, f"s3batch-{job.id}"
            )
        except AssumptionError as error:
            raise JobFailedError("AccessDenied", str(error)) from error
        return session["aws_access_key_id"]

    def _manifest(self, job: BatchJob, key: str) -> list[Any]:
        with self._replication.locked():
            source = self._replication.bucket(job.account, job.bucket)
            if source is None or job.generator.get("ExpectedBucketOwner", job.account) != job.account:
                raise JobFailedError("BucketNotFound", f"the account owns no bucket {job.bucket}")
            for name in ("GetReplicationConfiguration", "PutInventoryConfiguration"):
                if refused := self._refusal(job, key, f"s3:{name}", job.bucket):
                    raise JobFailedError("AccessDenied", refused)
            if not getattr(source, "replication", None):
                text = f"{job.bucket} has no replication configuration"
                raise JobFailedError("ReplicationConfigurationNotFound", text)
            todo = list(versions(source, job.generator.get("Filter") or {}))
        if not todo:
            text = "Manifest generation found no keys matching the filter criteria."
            raise JobFailedError("NoMatchingObjects", text)
        return todo

    def _task(self, job: BatchJob, key: str, version: Any) -> Task:
        refused = self._refusal(job, key, "s3:InitiateReplication", f"{job.bucket}/{version.name}")
        error = refused or self._replication.copy_now(job.account, job.bucket, version)
        return Task(version.name, str(version.version_id or "null"), error or "")

    def _write_report(self, job: BatchJob, key: str) -> None:
        target = report.bucket(job)
        for name, body in report.files(job).items():
            refused = self._refusal(job, key, "s3:PutObject", f"{target}/{name}")
            if refused or self._replication.bucket(job.account, target) is None:
                raise JobFailedError("ReportWriteFailed", refused or f"the account owns no bucket {target}")
            self._host.client("s3", job.region).put_object(Bucket=target, Key=name, Body=body)

    def _refusal(self, job: BatchJob, key: str, action: str, resource: str) -> str | None:
        return self._guard.refusal(job.account, job.region, key, Action(action, f"{BUCKET_ARN}{resource}"))


def execute_on(jobs: BatchJobs) -> None:
    """Execute jobs by `jobs` from now on."""
    _current[:] = [jobs]


def current() -> BatchJobs | None:
    """What executes jobs in this process; None in one that only records."""
    return _current[0] if _current else None
