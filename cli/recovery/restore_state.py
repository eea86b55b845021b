"""Restores the control tables into the second region from their newest backups there."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from lakehouse.environments import Environment, names
from lakehouse.environments.control import EXPIRES
from lakehouse.environments.names import Control

# Backups of one rule begin within an hour; those further apart are of two instants.
MOST_APART = timedelta(hours=1)
LOOK_SECONDS = 15.0
_ENDED = ("COMPLETED", "ABORTED", "FAILED")


@dataclass(frozen=True)
class Backup:
    """A recovery point of one control table."""

    table: str
    arn: str
    created: datetime


@dataclass(frozen=True)
class StateRestore:
    """The backups of one instant, and the tables that the second region has already.

    `env` names the second region.
    """

    env: Environment
    backups: Mapping[str, Backup]
    existing: frozenset[str]

    @classmethod
    def of(cls, env: Environment, at: datetime | None) -> StateRestore:
        """The newest backup of the watermarks, no younger than `at`, and the others nearest to it.

        `env` names the second region. Raises RunError (RUN673) where a table has no backup of that hour.
        """
        backups = _backups(env)
        by_table = {t: [b for b in backups if b.table == t] for t in _tables(env)}
        watermarks = names.control_table(env, Control.WATERMARKS)
        usable = [b for b in by_table[watermarks] if at is None or b.created <= at]
        if not usable:
            before = f" before {at.isoformat()}" if at else ""
            raise RunError(f"{env.region} has no backup of {watermarks}{before}", code="RUN673")
        newest = max(usable, key=lambda b: b.created)
        chosen = {}
        for table, points in by_table.items():
            nearest = min(points, key=lambda b: abs(b.created - newest.created), default=None)
            if nearest is None or abs(nearest.created - newest.created) > MOST_APART:
                raise RunError(
                    f"{env.region} has no backup of {table} within an hour of that of the watermarks, "
                    f"{newest.created.isoformat()}; take an older one: --at",
                    code="RUN673",
                )
            chosen[table] = nearest
        return cls(env, chosen, frozenset(clients(env).dynamodb.list_tables()["TableNames"]) & {*chosen})

    def rows(self) -> list[list[object]]:
        """Table, instant of its backup, and what is done."""
        return [
            [b.table, b.created.isoformat(), "exists" if b.table in self.existing else "restore"]
            for b in self.backups.values()
        ]

    def execute(self) -> None:
        """Restores what is missing, and waits. A table that exists stays as it is.

        Raises RunError (RUN674) for a restore that fails.
        """
        client, key = self._client("backup"), self._key()
        role = f"arn:aws:iam::{self.env.account}:role/{names.service_role(self.env, 'restore')}"
        jobs = {
            backup.table: client.start_restore_job(
                RecoveryPointArn=backup.arn,
                IamRoleArn=role,
                ResourceType="DynamoDB",
                Metadata={"targetTableName": backup.table, "encryptionType": "KMS", "kmsMasterKeyArn": key},
            )["RestoreJobId"]
            for backup in self.backups.values()
            if backup.table not in self.existing
        }
        faults = [fault for table, job in jobs.items() if (fault := self._wait(client, table, job))]
        if faults:
            raise RunError(f"{'; '.join(faults)}; what was restored stays", code="RUN674")
        self._let_leases_expire()

    def _wait(self, client: Any, table: str, job: str) -> str:
        """Waits for a restore. Returns why it failed."""
        while (answer := client.describe_restore_job(RestoreJobId=job))["Status"] not in _ENDED:
            time.sleep(LOOK_SECONDS)
        if answer["Status"] == "COMPLETED":
            return ""
        return f"{table}: {answer['Status']} {answer.get('StatusMessage', '')}".rstrip()

    def _let_leases_expire(self) -> None:
        """A restored table has no time to live, whatever the backed-up one had."""
        dynamodb, table = clients(self.env).dynamodb, names.control_table(self.env, Control.LEASES)
        status = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["TimeToLiveStatus"]
        if status not in ("ENABLED", "ENABLING"):
            specification: Any = {"Enabled": True, "AttributeName": EXPIRES}
            dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)

    def _key(self) -> str:
        return str(self._client("kms").describe_key(KeyId=names.recovery_key(self.env))["KeyMetadata"]["Arn"])

    def _client(self, service: str) -> Any:
        return clients(self.env).client(service)


def _tables(env: Environment) -> list[str]:
    return [names.control_table(env, control) for control in Control]


def _backups(env: Environment) -> list[Backup]:
    """The finished backups of the control tables in the vault of the region."""
    pages = clients(env).client("backup").get_paginator("list_recovery_points_by_backup_vault")
    tables = _tables(env)
    return [
        Backup(table, point["RecoveryPointArn"], point["CreationDate"])
        for page in pages.paginate(BackupVaultName=names.backup_vault(env), ByResourceType="DynamoDB")
        for point in page["RecoveryPoints"]
        if (table := point["ResourceArn"].rpartition("/")[2]) in tables and point["Status"] == "COMPLETED"
    ]
