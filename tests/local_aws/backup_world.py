"""A vault in each region, a role for AWS Backup, and a table that it backs up."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from glue_jobs.aws import clients
from lakehouse.environments import Environment

TRUST = {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
_ENDED = ("COMPLETED", "FAILED")
_KEY = [{"AttributeName": "id", "KeyType": "HASH"}]
_ATTRIBUTES: Any = [{"AttributeName": "id", "AttributeType": "S"}]


class BackupWorld:
    """Jobs of AWS Backup in both regions of an environment."""

    def __init__(self, env: Environment) -> None:
        self.name = f"backup-{os.urandom(4).hex()}"
        self.first = clients(env)
        self.second = clients(env.model_copy(update={"region": env.replica_region}))
        self.backup, self.backup_second = self.first.client("backup"), self.second.client("backup")
        self.vault = self.backup.create_backup_vault(BackupVaultName=self.name)["BackupVaultArn"]
        made = self.backup_second.create_backup_vault(BackupVaultName=self.name)
        self.vault_second = made["BackupVaultArn"]
        self._iam = self.first.client("iam")
        trust = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
        self.role = self._iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        self.may("*")

    def may(self, *actions: str) -> None:
        allowed = {"Effect": "Allow", "Action": [*actions], "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        self._iam.put_role_policy(RoleName=self.name, PolicyName="backup", PolicyDocument=policy)

    def table(self, *rows: dict[str, Any]) -> str:
        """The ARN of a new table with these rows."""
        made = self.first.dynamodb.create_table(
            TableName=self.name,
            KeySchema=_KEY,  # type: ignore[arg-type]
            AttributeDefinitions=_ATTRIBUTES,
            BillingMode="PAY_PER_REQUEST",
        )
        for row in rows:
            self.first.dynamodb.put_item(TableName=self.name, Item=row)
        return made["TableDescription"]["TableArn"]

    def back_up(self, resource: str) -> dict[str, Any]:
        """The ended backup job."""
        started = self.backup.start_backup_job(
            BackupVaultName=self.name, ResourceArn=resource, IamRoleArn=self.role
        )
        return _ended(lambda: self.backup.describe_backup_job(BackupJobId=started["BackupJobId"]), "State")

    def copy(self, point: str) -> dict[str, Any]:
        """The ended copy job into the second region."""
        started = self.backup.start_copy_job(
            RecoveryPointArn=point,
            SourceBackupVaultName=self.name,
            DestinationBackupVaultArn=self.vault_second,
            IamRoleArn=self.role,
        )
        job = started["CopyJobId"]
        return _ended(lambda: self.backup.describe_copy_job(CopyJobId=job)["CopyJob"], "State")

    def restore(self, backup: Any, point: str, **metadata: str) -> dict[str, Any]:
        """The ended restore job. `backup`: the client of the point's region."""
        started = backup.start_restore_job(RecoveryPointArn=point, IamRoleArn=self.role, Metadata=metadata)
        job = started["RestoreJobId"]
        return _ended(lambda: backup.describe_restore_job(RestoreJobId=job), "Status")

    def points(self, backup: Any) -> list[dict[str, Any]]:
        points: list[dict[str, Any]] = backup.list_recovery_points_by_backup_vault(BackupVaultName=self.name)[
            "RecoveryPoints"
        ]
        return points


def _ended(look: Any, state: str) -> dict[str, Any]:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        job: dict[str, Any] = look()
        if job[state] in _ENDED:
            return job
        time.sleep(0.05)
    raise TimeoutError(job)
