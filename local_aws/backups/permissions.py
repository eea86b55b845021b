"""What the role of a backup, a copy or a restore must be allowed, and the keys of vaults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from moto.backup.models import backup_backends

from local_aws.backups.model import BackupError
from local_aws.iam.actions import Action
from local_aws.iam.assumption import AssumptionError, role_session
from local_aws.iam.owned import Account

if TYPE_CHECKING:
    from local_aws.glue.host import GlueHost
    from local_aws.iam.guard import Guard

_SERVICE = "backup.amazonaws.com"


@dataclass(frozen=True)
class JobRoles:
    """Takes on the roles of jobs, and asks what they may."""

    host: GlueHost
    guard: Guard

    def require(self, region: str, account: str, role: str, actions: Iterable[Action]) -> None:
        """Raises BackupError unless the role may do it all."""
        try:
            session = role_session(self.host, region, role, _SERVICE, "AWSBackup")
        except AssumptionError as error:
            raise BackupError(f"IAM role {role} cannot be assumed by AWS Backup: {error}") from error
        for action in actions:
            place = action.resource.split(":")[3] or region
            if refused := self.guard.refusal(account, place, session["aws_access_key_id"], action):
                raise BackupError(f"Access Denied: {refused}")


def vault_key(account: str, region: str, vault: str) -> str:
    """The key of a vault; empty without one. Raises BackupError for a vault that does not exist."""
    found = backup_backends[account][region].vaults.get(vault)
    if found is None:
        raise BackupError(f"Backup vault {vault} does not exist in {region}")
    return found.encryption_key_arn or ""


def use_of_key(account: str, key: str) -> list[Action]:
    """Decrypts and encrypts with the key of a vault."""
    if not key or Account(account, key.split(":")[3]).key(key) is None:
        return []
    return [Action("kms:Decrypt", key), Action("kms:GenerateDataKey", key)]
