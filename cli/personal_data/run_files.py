"""Files that runs, streams and queries leave behind may hold any row: they are deleted, not searched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cli.personal_data.files import delete_all_versions, delete_older_versions
from cli.personal_data.lake_places import in_days
from cli.personal_data.scope import Left, Scope
from glue_jobs.s3 import S3Uri, list_keys
from glue_jobs.state.audit import Audit, Status
from lakehouse.environments import names, prefixes
from lakehouse.environments.names import Zone
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_prefixes import CHECKPOINT
from lakehouse.pipelines.job_type import JobType


@dataclass
class QueryResults:
    """Results of Athena's queries. A query gives them again."""

    scope: Scope
    name: str = "query results"
    unit: str = "objects"

    @property
    def _zone(self) -> S3Uri:
        return S3Uri(names.bucket(self.scope.env, Zone.ATHENA))

    def count(self) -> int:
        return sum(1 for _ in list_keys(self.scope.s3, self._zone))

    def erase(self) -> int:
        return delete_all_versions(self.scope.s3, self._zone)

    def left(self) -> dict[str, Left]:
        return {}


@dataclass
class StagedFiles:
    """What runs of a job staged and, killed, did not delete. A run that lives keeps its files."""

    scope: Scope
    job: str
    unit: str = "objects"
    _running: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"staged files of {self.job}"

    def count(self) -> int:
        return sum(1 for run in self._ended() for _ in list_keys(self.scope.s3, run))

    def erase(self) -> int:
        return sum(delete_all_versions(self.scope.s3, run) for run in self._ended())

    def left(self) -> dict[str, Left]:
        days = self.scope.env.stack.retention.staging_days
        return {
            f"{self.name}, run {run}": Left("the run has not ended and deletes them", in_days(days))
            for run in self._running
        }

    def _ended(self) -> list[S3Uri]:
        folder = S3Uri(names.bucket(self.scope.env, Zone.CHECKPOINTS), prefixes.staging(self.job)).folder
        listing = self.scope.s3.get_paginator("list_object_versions").paginate(
            Bucket=folder.bucket, Prefix=folder.key
        )
        items = [i for page in listing for i in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]]
        runs = {i["Key"].removeprefix(folder.key).split("/")[0] for i in items}
        self._running = sorted(run for run in runs if self._is_running(run.removeprefix("run_id=")))
        return [folder.child(run).folder for run in sorted(runs - set(self._running))]

    def _is_running(self, run_id: str) -> bool:
        row = Audit(self.scope.env).get(run_id)
        return row is not None and row.status is Status.RUNNING and not row.is_dead(datetime.now(UTC))


@dataclass
class StreamState:
    """The checkpoint of a stream: old versions go; what its state remembers goes by itself."""

    scope: Scope
    job: Job
    unit: str = "object versions"

    @property
    def name(self) -> str:
        return f"old checkpoints of {self.job.name}"

    def count(self) -> int:
        return 0

    def erase(self) -> int:
        return delete_older_versions(self.scope.s3, self._folder)

    def left(self) -> dict[str, Left]:
        if not any("/state/" in key for key in list_keys(self.scope.s3, self._folder)):
            return {}
        hours = self.scope.env.streams.repeat_hours
        reason = f"it remembers keys of messages for {hours} hours, and its files for as long again"
        days = -(-2 * hours // 24) + self.scope.env.stack.retention.noncurrent_days
        return {f"state of {self.job.name}": Left(reason, in_days(days))}

    @property
    def _folder(self) -> S3Uri:
        declared = next((p.value for p in self.job.params if p.name == CHECKPOINT), "")
        path = prefixes.checkpoint(self.job.name, "", declared).rstrip("/")
        return S3Uri(names.bucket(self.scope.env, Zone.CHECKPOINTS), path).folder


def run_files(scope: Scope, tables: set[str]) -> Iterator[QueryResults | StagedFiles | StreamState]:
    """What the jobs that read or write the person's tables left behind, and what queries did."""
    for job in scope.jobs:
        if tables.intersection((*job.reads, *job.writes)):
            yield StagedFiles(scope, job.name)
            if job.type is JobType.STREAM:
                yield StreamState(scope, job)
    yield QueryResults(scope)
