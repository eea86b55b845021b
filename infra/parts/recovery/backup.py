"""Backups of what S3 replication does not carry: the state in DynamoDB and the Lakebase, each copied to the second region.

A copy of the state is older than the replicated tables, and that is wanted: a live replica would run ahead of them, and what it says is read would be missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.backup_plan import BackupPlan, BackupPlanRule, BackupPlanRuleCopyAction
from cdktf_cdktf_provider_aws.backup_selection import BackupSelection
from cdktf_cdktf_provider_aws.backup_vault import BackupVault
from cdktf_cdktf_provider_aws.backup_vault_lock_configuration import BackupVaultLockConfiguration

from infra.constructs.role import service_role
from infra.parts.encryption.keys import Keys
from infra.parts.recovery.permissions import may_back_up, may_restore
from infra.parts.serving.serving import Serving
from infra.parts.storage.state import State
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.stack import BACKUP_COMPLETION_MINUTES, BACKUP_START_MINUTES

# Of those between the daily ones, which are kept for backup_days.
FREQUENT_DAYS = 2


@dataclass(frozen=True)
class Backup:
    """`restore`: the role that a restore job runs as."""

    plan: Any
    vault: Any
    vault_replica: Any
    restore: Any


def backup(stack: PlatformStack, keys: Keys, replica_key: Any, state: State, serving: Serving) -> Backup:
    vault = _vault(stack, "vault", keys.state.arn)
    copy = _vault(stack, "vault_replica", replica_key.arn, provider=stack.replica)
    plan = BackupPlan(stack, "backup", name=names.backup_vault(stack.env), rule=_rules(stack, vault, copy))
    encrypted = [keys.state.arn, keys.curated.arn, replica_key.arn]
    role = service_role(
        stack, "backup", "backup.amazonaws.com", may_back_up(stack.env, encrypted), says_account=False
    )
    what = [*(table.arn for table in state.tables.values()), serving.lakebase.cluster.arn]
    BackupSelection(
        stack,
        "backup_selection",
        name="state-and-lakebase",
        plan_id=plan.id,
        iam_role_arn=role.arn,
        resources=what,
    )
    restore = service_role(
        stack, "restore", "backup.amazonaws.com", may_restore(stack.env, encrypted), says_account=False
    )
    return Backup(plan, vault, copy, restore)


def _vault(stack: PlatformStack, place: str, key_arn: str, **there: Any) -> Any:
    """Where the environment is protected, nobody takes a backup away before its time."""
    protect = stack.env.stack.protect
    name = names.backup_vault(stack.env)
    vault = BackupVault(
        stack, place, name=name, kms_key_arn=key_arn, force_destroy=not protect, lifecycle=stack.keep, **there
    )
    if protect:
        BackupVaultLockConfiguration(
            stack, f"lock_{place}", backup_vault_name=vault.name, min_retention_days=FREQUENT_DAYS, **there
        )
    return vault


def _rules(stack: PlatformStack, vault: Any, copy: Any) -> list[Any]:
    facts = stack.env.stack.recovery
    daily = _rule("daily", "cron(30 0 * * ? *)", facts.backup_days, vault, copy)
    if facts.backup_hours == 24:
        return [daily]
    every = "*" if facts.backup_hours == 1 else f"0/{facts.backup_hours}"
    return [daily, _rule("frequent", f"cron(0 {every} * * ? *)", FREQUENT_DAYS, vault, copy)]


def _rule(name: str, schedule: str, days: int, vault: Any, copy: Any) -> Any:
    """`days`: how long the backup and its copy are kept."""
    kept = {"delete_after": days}
    return BackupPlanRule(
        rule_name=name,
        target_vault_name=vault.name,
        schedule=schedule,
        lifecycle=kept,
        start_window=BACKUP_START_MINUTES,
        completion_window=BACKUP_COMPLETION_MINUTES,
        copy_action=[BackupPlanRuleCopyAction(destination_vault_arn=copy.arn, lifecycle=kept)],
    )
