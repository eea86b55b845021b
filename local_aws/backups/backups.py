"""Makes, copies and restores recovery points, each by a thread of its own under the role of its job."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from local_aws.backups.model import COMPLETED, FAILED, BackupError, Job, RecoveryPoint, vault_arn
from local_aws.backups.permissions import JobRoles, use_of_key, vault_key
from local_aws.backups.resources import ResourceKind, place_of

if TYPE_CHECKING:
    from local_aws.glue.host import GlueHost
    from local_aws.iam.guard import Guard

log = logging.getLogger(__name__)
_current: list[Backups] = []


class Backups:
    """All recovery points and jobs. `kinds`: what can be backed up, by the service in its ARN."""

    def __init__(self, host: GlueHost, guard: Guard, kinds: dict[str, ResourceKind]) -> None:
        self._roles, self._kinds = JobRoles(host, guard), kinds
        self._points: dict[str, RecoveryPoint] = {}
        self.backup_jobs: list[Job] = []
        self.copy_jobs: list[Job] = []
        self.restore_jobs: list[Job] = []

    def points(self) -> list[RecoveryPoint]:
        """The points that have not expired, the newest first."""
        now = time.time()
        for point in [point for point in list(self._points.values()) if point.is_expired(now)]:
            self.forget(point)
        return sorted(self._points.values(), key=lambda point: point.created, reverse=True)

    def point(self, arn: str) -> RecoveryPoint:
        """Raises BackupError for one that does not exist."""
        found = next((point for point in self.points() if point.arn == arn), None)
        if found is None:
            raise BackupError(f"Recovery point {arn} does not exist")
        return found

    def forget(self, point: RecoveryPoint) -> None:
        if self._points.pop(point.arn, None) is not None:
            self._kind(point.resource).forget(point)

    def back_up(
        self,
        resource: str,
        vault: str,
        role: str,
        days: int | None = None,
        rule: dict[str, str] | None = None,
        copies: Iterable[dict[str, Any]] = (),
    ) -> Job:
        """Start a backup into a vault of the resource's region. `copies`: copy actions of a plan's rule."""
        kind, (region, account) = self._kind(resource), place_of(resource)
        key = vault_key(account, region, vault)
        arn = kind.point_arn(region, account)
        facts = {
            "BackupVaultName": vault,
            "BackupVaultArn": vault_arn(region, account, vault),
            "RecoveryPointArn": arn,
            "ResourceArn": resource,
            "ResourceType": kind.name,
            "IamRoleArn": role,
            **({"CreatedBy": rule} if rule else {}),
        }
        job = Job("BackupJobId", "State", account, region, facts, "CREATED")
        self.backup_jobs.append(job)
        self._start(job, lambda: self._back_up(job, kind, key, days, copies))
        return job

    def _back_up(
        self, job: Job, kind: ResourceKind, key: str, days: int | None, copies: Iterable[dict[str, Any]]
    ) -> None:
        facts, account = job.facts, job.account
        resource, role = facts["ResourceArn"], facts["IamRoleArn"]
        actions = [*kind.backup_actions(resource), *use_of_key(account, key)]
        self._roles.require(job.region, account, role, actions)
        point = RecoveryPoint(
            facts["RecoveryPointArn"],
            account,
            job.region,
            facts["BackupVaultName"],
            resource,
            kind.name,
            role,
            kind.capture(resource),
            key,
            job.created,
            days,
        )
        point.rule = facts.get("CreatedBy")
        self._keep(kind, point)
        job.end(COMPLETED)
        for copy in copies:
            lifecycle = copy.get("Lifecycle") or {}
            self.copy(point, copy["DestinationBackupVaultArn"], role, lifecycle.get("DeleteAfterDays"))

    def copy(self, point: RecoveryPoint, vault: str, role: str, days: int | None = None) -> Job:
        """Start a copy into the vault of that ARN. The job is one of the region of the source."""
        kind, (region, account), name = self._kind(point.resource), place_of(vault), vault.rpartition(":")[2]
        facts = {
            "SourceBackupVaultArn": point.vault_arn,
            "SourceRecoveryPointArn": point.arn,
            "DestinationBackupVaultArn": vault,
            "ResourceArn": point.resource,
            "ResourceType": point.kind,
            "IamRoleArn": role,
            **({"CreatedBy": point.rule} if point.rule else {}),
        }
        job = Job("CopyJobId", "State", point.account, point.region, facts, "CREATED")
        self.copy_jobs.append(job)

        def work() -> None:
            key = vault_key(account, region, name)
            keys = [*use_of_key(point.account, point.key), *use_of_key(account, key)]
            self._roles.require(point.region, account, role, [*kind.copy_actions(point, vault), *keys])
            arn = kind.point_arn(region, account)
            copied = RecoveryPoint(
                arn, account, region, name, point.resource, point.kind, role, point.content, key
            )
            copied.created, copied.days = point.created, days
            copied.source_vault, copied.rule = point.vault_arn, point.rule
            self._keep(kind, copied)
            job.end(COMPLETED, DestinationRecoveryPointArn=arn)

        self._start(job, work)
        return job

    def restore(self, point: RecoveryPoint, role: str, metadata: dict[str, str]) -> Job:
        """Start a restore in the region of the point."""
        kind = self._kind(point.resource)
        facts = {
            "RecoveryPointArn": point.arn,
            "SourceResourceArn": point.resource,
            "BackupVaultArn": point.vault_arn,
            "ResourceType": point.kind,
            "RecoveryPointCreationDate": point.created,
            "IamRoleArn": role,
        }
        job = Job("RestoreJobId", "Status", point.account, point.region, facts, "PENDING")
        self.restore_jobs.append(job)

        def work() -> None:
            actions = [*kind.restore_actions(point, metadata), *use_of_key(point.account, point.key)]
            self._roles.require(point.region, point.account, role, actions)
            job.end(COMPLETED, CreatedResourceArn=kind.restore(point, metadata))

        self._start(job, work)
        return job

    def _kind(self, resource: str) -> ResourceKind:
        kind = self._kinds.get(resource.split(":")[2])
        if kind is None:
            raise BackupError(f"Resources of {resource} are not backed up here")
        return kind

    def _keep(self, kind: ResourceKind, point: RecoveryPoint) -> None:
        kind.register(point)
        self._points[point.arn] = point

    def _start(self, job: Job, work: Callable[[], None]) -> None:
        def run() -> None:
            job.state = "RUNNING"
            try:
                work()
            except BackupError as error:
                job.end(FAILED, str(error))
            except Exception as error:
                log.exception("%s %s", job.id_name, job.id)
                job.end(FAILED, f"Internal error: {error}")

        threading.Thread(target=run, daemon=True).start()


def execute_on(backups: Backups) -> None:
    """Execute jobs by `backups` from now on."""
    _current[:] = [backups]


def current() -> Backups | None:
    """What executes jobs in this process; None in one that only records."""
    return _current[0] if _current else None
