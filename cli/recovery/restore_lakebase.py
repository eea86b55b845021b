"""Restores the Lakebase from its newest backup into the region of its environment."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from lakehouse.environments import Environment, names

ENGINE = "aurora-postgresql"
LOOK_SECONDS = 20.0
_ENDED = ("available", "failed", "incompatible-restore", "inaccessible-encryption-credentials")


@dataclass(frozen=True)
class LakebaseRestore:
    """A backup, and the cluster that is made of it. `exists`: it is there already, and stays as it is."""

    env: Environment
    name: str
    snapshot: str
    created: datetime
    group: str
    exists: bool

    @classmethod
    def of(cls, env: Environment, at: datetime | None, lost: Environment | None = None) -> LakebaseRestore:
        """The newest backup, no younger than `at`, into the region of `env`.

        `lost`: whose backup it is; then it stands beside the cluster that the new stack has made. Raises
        RunError: no backup (RUN682), no stack (RUN683).
        """
        lost = lost or env
        name, backup = names.lakebase(lost), _client(env, "backup")
        pages = backup.get_paginator("list_recovery_points_by_backup_vault")
        points = [
            (point["CreationDate"], point["RecoveryPointArn"])
            for page in pages.paginate(BackupVaultName=names.backup_vault(lost), ByResourceType="Aurora")
            for point in page["RecoveryPoints"]
            if point["Status"] == "COMPLETED" and point["ResourceArn"].endswith(f":cluster:{name}")
        ]
        usable = [point for point in points if at is None or point[0] <= at]
        if not usable:
            before = f" before {at.isoformat()}" if at else ""
            raise RunError(f"{env.region} has no backup of {name}{before}", code="RUN682")
        created, snapshot = max(usable)
        target = names.lakebase(env) + ("" if lost.name == env.name else "-restored")
        return cls(env, target, snapshot, created, _group(env), _exists(env, target))

    def execute(self) -> None:
        """Restores cluster and instance, and gives the password to RDS. Waits for the cluster.

        Started again it goes on where it stopped. Raises RunError (RUN684) where the restore fails.
        """
        rds, name, declared = _client(self.env, "rds"), self.name, self.env.stack.lakebase
        if not self.exists:
            rds.restore_db_cluster_from_snapshot(
                DBClusterIdentifier=name,
                SnapshotIdentifier=self.snapshot,
                Engine=ENGINE,
                DBSubnetGroupName=names.lakebase(self.env),
                VpcSecurityGroupIds=[self.group],
                KmsKeyId=self._key(),
                ServerlessV2ScalingConfiguration={
                    "MinCapacity": declared.min_capacity,
                    "MaxCapacity": declared.max_capacity,
                },
                EnableIAMDatabaseAuthentication=True,
                CopyTagsToSnapshot=True,
                DeletionProtection=self.env.stack.protect,
            )
        self._wait(rds, name)
        members = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]["DBClusterMembers"]
        if not members:
            rds.create_db_instance(
                DBInstanceIdentifier=f"{name}-1",
                DBClusterIdentifier=name,
                Engine=ENGINE,
                DBInstanceClass="db.serverless",
                PubliclyAccessible=False,
            )
        rds.modify_db_cluster(DBClusterIdentifier=name, ManageMasterUserPassword=True, ApplyImmediately=True)

    def _wait(self, rds: Any, name: str) -> None:
        while True:
            status = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]["Status"]
            if status in _ENDED:
                break
            time.sleep(LOOK_SECONDS)
        if status != "available":
            raise RunError(f"{name} is {status} after the restore; RDS's events say why", code="RUN684")

    def _key(self) -> str:
        kms = _client(self.env, "kms")
        return str(kms.describe_key(KeyId=names.lakebase_key(self.env))["KeyMetadata"]["Arn"])


def _group(env: Environment) -> str:
    """The security group of the Lakebase, which the stack makes. Raises RunError (RUN683)."""
    name = names.group(env, "lakebase")
    filters = [{"Name": "tag:Name", "Values": [name]}]
    groups = _client(env, "ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    if not groups:
        raise RunError(f"{env.region} has no security group {name}: deploy the stack first", code="RUN683")
    return str(groups[0]["GroupId"])


def _exists(env: Environment, name: str) -> bool:
    rds = _client(env, "rds")
    try:
        rds.describe_db_clusters(DBClusterIdentifier=name)
    except rds.exceptions.DBClusterNotFoundFault:
        return False
    return True


def _client(env: Environment, service: str) -> Any:
    return clients(env).client(service)
