"""Backups of Aurora's clusters: a snapshot in RDS, with the rows of the Lakebase of this world."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local_aws.backups.model import BackupError, RecoveryPoint
from local_aws.backups.resources import name_of, place_of
from local_aws.iam.actions import Action
from local_aws.iam.owned import Account

if TYPE_CHECKING:
    from local_aws.backups.lakebase_data import LakebaseData

TYPE = "awsbackup"


@dataclass(frozen=True)
class _Content:
    """The cluster as RDS knows it, and its rows; None where the world has no PostgreSQL."""

    cluster: Any
    rows: bytes | None


class AuroraClusters:
    name = "Aurora"

    def __init__(self, data: LakebaseData) -> None:
        self._data = data

    def backup_actions(self, arn: str) -> Iterator[Action]:
        yield Action("rds:DescribeDBClusters", arn)
        yield Action("rds:CreateDBClusterSnapshot", arn)

    def capture(self, arn: str) -> _Content:
        cluster = _backend(*place_of(arn)).clusters.get(name_of(arn))
        if cluster is None:
            raise BackupError(f"DB cluster not found: {arn}")
        return _Content(copy.copy(cluster), self._data.dump(name_of(arn)))

    def point_arn(self, region: str, account: str) -> str:
        return f"arn:aws:rds:{region}:{account}:cluster-snapshot:{TYPE}:job-{uuid.uuid4()}"

    def register(self, point: RecoveryPoint) -> None:
        from moto.rds.models import DBClusterSnapshot

        backend, name = _backend(point.region, point.account), snapshot_name(point.arn)
        snapshot = DBClusterSnapshot(backend, point.content.cluster, name, TYPE, [])
        snapshot.rows = point.content.rows  # type: ignore[attr-defined]
        backend.cluster_snapshots[name] = snapshot

    def forget(self, point: RecoveryPoint) -> None:
        _backend(point.region, point.account).cluster_snapshots.pop(snapshot_name(point.arn), None)

    def copy_actions(self, point: RecoveryPoint, vault: str) -> Iterator[Action]:
        yield Action("backup:CopyFromBackupVault", point.arn)
        yield Action("backup:CopyIntoBackupVault", vault)
        yield Action("rds:CopyDBClusterSnapshot", point.arn)

    def restore_actions(self, point: RecoveryPoint, metadata: dict[str, str]) -> Iterator[Action]:
        yield Action("rds:RestoreDBClusterFromSnapshot", point.arn)

    def restore(self, point: RecoveryPoint, metadata: dict[str, str]) -> str:
        raise BackupError("A cluster is restored here by RestoreDBClusterFromSnapshot of RDS")


def snapshot_name(name: str) -> str:
    """`awsbackup:job-…` of a snapshot's ARN or name."""
    return name.partition(":cluster-snapshot:")[2] or name


def _backend(region: str, account: str) -> Any:
    return Account(account, region).backend("rds")
