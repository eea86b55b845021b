"""What a kind of resource needs to be backed up and restored."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

from local_aws.backups.model import BackupError, RecoveryPoint
from local_aws.glue.host import GlueHost
from local_aws.iam.actions import Action

Lock = Callable[[str], AbstractContextManager[Any]]


class ResourceKind(Protocol):
    """A kind of resource. Actions are those that the role of a job needs."""

    name: str

    def backup_actions(self, arn: str) -> Iterator[Action]: ...

    def capture(self, arn: str) -> Any:
        """What the resource holds at this instant. Raises BackupError for one that does not exist."""

    def point_arn(self, region: str, account: str) -> str:
        """The name of a new recovery point."""

    def register(self, point: RecoveryPoint) -> None:
        """Make the point known to the service itself, where that has a name for it."""

    def forget(self, point: RecoveryPoint) -> None:
        """Take a deleted point away from the service itself."""

    def copy_actions(self, point: RecoveryPoint, vault: str) -> Iterator[Action]: ...

    def restore_actions(self, point: RecoveryPoint, metadata: dict[str, str]) -> Iterator[Action]: ...

    def restore(self, point: RecoveryPoint, metadata: dict[str, str]) -> str:
        """The ARN of the new resource. Raises BackupError."""


class BackupPoints:
    """Points that only AWS Backup knows, and what copying one of them needs."""

    def point_arn(self, region: str, account: str) -> str:
        return f"arn:aws:backup:{region}:{account}:recovery-point:{uuid.uuid4()}"

    def register(self, point: RecoveryPoint) -> None:
        """Nothing: the service itself does not list it."""

    def forget(self, point: RecoveryPoint) -> None:
        """Nothing, for the same reason."""

    def copy_actions(self, point: RecoveryPoint, vault: str) -> Iterator[Action]:
        yield Action("backup:CopyFromBackupVault", point.arn)
        yield Action("backup:CopyIntoBackupVault", vault)


def name_of(arn: str) -> str:
    """`x` of `…:table/x` and of `…:cluster:x`."""
    return arn.rpartition("/")[2].rpartition(":")[2]


def place_of(arn: str) -> tuple[str, str]:
    """Region and account."""
    region, account = arn.split(":")[3:5]
    return region, account


__all__ = ["BackupError", "BackupPoints", "GlueHost", "Lock", "ResourceKind", "name_of", "place_of"]
