"""Recovery points, and the jobs that make, copy and restore them, as AWS Backup shows them."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

COMPLETED, FAILED = "COMPLETED", "FAILED"
_DAY = 86400


class BackupError(Exception):
    """Why a job failed, or a request is wrong."""


@dataclass
class RecoveryPoint:
    """What one backup holds. `content` belongs to the kind of resource; `key` is the vault's, or empty.

    A copy keeps the time of the backup. `rule`: plan id, rule id and ARN of the plan that made it.
    """

    arn: str
    account: str
    region: str
    vault: str
    resource: str
    kind: str
    role: str
    content: Any
    key: str = ""
    created: float = field(default_factory=time.time)
    days: int | None = None
    source_vault: str | None = None
    rule: dict[str, str] | None = None

    @property
    def vault_arn(self) -> str:
        return vault_arn(self.region, self.account, self.vault)

    def is_expired(self, now: float) -> bool:
        return self.days is not None and now > self.created + self.days * _DAY

    def described(self) -> dict[str, Any]:
        """The point as DescribeRecoveryPoint and the lists show it."""
        lifecycle = {"DeleteAfterDays": self.days} if self.days else None
        end = {"DeleteAt": self.created + self.days * _DAY} if self.days else None
        return _stated(
            {
                "RecoveryPointArn": self.arn,
                "BackupVaultName": self.vault,
                "BackupVaultArn": self.vault_arn,
                "SourceBackupVaultArn": self.source_vault,
                "ResourceArn": self.resource,
                "ResourceType": self.kind,
                "CreatedBy": self.rule,
                "IamRoleArn": self.role,
                "Status": COMPLETED,
                "CreationDate": self.created,
                "CompletionDate": self.created,
                "Lifecycle": lifecycle,
                "CalculatedLifecycle": end,
                "EncryptionKeyArn": self.key or None,
                "IsEncrypted": bool(self.key),
            }
        )


@dataclass
class Job:
    """A job. `id_name` and `state_name` are what its id and its state are called, `facts` is the rest."""

    id_name: str
    state_name: str
    account: str
    region: str
    facts: dict[str, Any]
    state: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()).upper())
    created: float = field(default_factory=time.time)
    ended: float | None = None
    message: str | None = None

    def end(self, state: str, message: str | None = None, **facts: Any) -> None:
        """`facts` are those that only the end tells."""
        self.facts |= facts
        self.message, self.ended = message, time.time()
        self.state = state

    def described(self) -> dict[str, Any]:
        return _stated(
            {
                self.id_name: self.id,
                "AccountId": self.account,
                "CreationDate": self.created,
                "CompletionDate": self.ended,
                self.state_name: self.state,
                "StatusMessage": self.message,
                "PercentDone": "100.0" if self.ended else "0.0",
                **self.facts,
            }
        )


def vault_arn(region: str, account: str, vault: str) -> str:
    return f"arn:aws:backup:{region}:{account}:backup-vault:{vault}"


def _stated(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
