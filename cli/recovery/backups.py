"""What AWS Backup did of late: failed jobs, the newest backup of each resource, and what is switched on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from glue_jobs.aws import clients
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Control

TYPES = ("Aurora", "DynamoDB")
_FAILED = ("FAILED", "ABORTED", "EXPIRED")


@dataclass(frozen=True)
class Finding:
    """One thing about the backups of a region. `is_fault`: somebody must act."""

    region: str
    resource: str
    state: str
    detail: str
    is_fault: bool

    def row(self) -> list[object]:
        return [self.region, self.resource, self.state, self.detail]


def findings(env: Environment, days: int) -> list[Finding]:
    """The failed jobs of the last days, the newest backup of each resource, and the settings, by region."""
    since = datetime.now(UTC) - timedelta(days=days)
    regions = (env, env.model_copy(update={"region": env.replica_region}))
    return [
        finding
        for region in regions
        for parts in (_settings(region), _failures(region, since), _newest(region))
        for finding in parts
    ]


def _settings(env: Environment) -> Iterator[Finding]:
    chosen = _client(env).describe_region_settings()["ResourceTypeOptInPreference"]
    for kind in TYPES:
        is_on = bool(chosen.get(kind))
        yield Finding(env.region, kind, "on" if is_on else "OFF", "AWS Backup of the region", not is_on)


def _failures(env: Environment, since: datetime) -> Iterator[Finding]:
    backup = _client(env)
    for kind, call, key in (
        ("backup", backup.list_backup_jobs, "BackupJobs"),
        ("copy", backup.list_copy_jobs, "CopyJobs"),
    ):
        for state in _FAILED if kind == "backup" else ("FAILED",):
            answer = call(ByState=state, ByCreatedAfter=since)
            for job in (j for j in answer[key] if _is_ours(env, j["ResourceArn"])):
                detail = f"{job['CreationDate']:%Y-%m-%d %H:%M} {job.get('StatusMessage', '')}".rstrip()
                yield Finding(env.region, _name(job["ResourceArn"]), f"{kind} {state}", detail, True)


def _newest(env: Environment) -> Iterator[Finding]:
    """The newest finished backup of each resource, a fault where it is older than the facts promise."""
    newest: dict[str, datetime] = {}
    pages = _client(env).get_paginator("list_recovery_points_by_backup_vault")
    for page in pages.paginate(BackupVaultName=names.backup_vault(env)):
        for point in page["RecoveryPoints"]:
            name = _name(point["ResourceArn"])
            if point["Status"] == "COMPLETED" and point["CreationDate"] > newest.get(name, _NEVER):
                newest[name] = point["CreationDate"]
    promised = timedelta(minutes=env.stack.recovery.backup_rpo_minutes)
    for name in _resources(env):
        made = newest.get(name)
        late = made is None or datetime.now(UTC) - made > promised
        detail = f"{made:%Y-%m-%d %H:%M}" if made else "none"
        yield Finding(env.region, name, "newest backup" + (" TOO OLD" if late else ""), detail, late)


_NEVER = datetime.min.replace(tzinfo=UTC)


def _resources(env: Environment) -> list[str]:
    return [names.lakebase(env), *(names.control_table(env, control) for control in Control)]


def _is_ours(env: Environment, arn: str) -> bool:
    return _name(arn) in _resources(env)


def _name(arn: str) -> str:
    return arn.rpartition("/")[2].rpartition(":")[2]


def _client(env: Environment) -> Any:
    return clients(env).client("backup")
