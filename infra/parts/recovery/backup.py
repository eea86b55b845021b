"""Backups of what S3 replication does not copy: the state in DynamoDB and the Lakebase, in both regions.

The copy of the state is older than the replicated tables, on purpose. A live replica of the state would be
newer, and would mark rows as read that the replicated tables do not have yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.backup_plan import BackupPlan, BackupPlanRule, BackupPlanRuleCopyAction
from cdktf_cdktf_provider_aws.backup_selection import BackupSelection
from cdktf_cdktf_provider_aws.backup_vault import BackupVault
from cdktf_cdktf_provider_aws.backup_vault_lock_configuration import BackupVaultLockConfiguration
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.kms_key import KmsKey

from infra.constructs.role import ServiceRole, Statements, service_role
from infra.parts.encryption.keys import Keys
from infra.parts.recovery.permissions import backup_permissions, restore_permissions
from infra.parts.serving.serving import Serving
from infra.parts.storage.state import State
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.recovery import BACKUP_COMPLETION_MINUTES, BACKUP_START_MINUTES

# Retention of the backups between the daily ones, which are kept for backup_days.
FREQUENT_DAYS = 2


@dataclass(frozen=True)
class Backup:
    """`restore` is the role of restore jobs."""

    plan: BackupPlan
    vault: BackupVault
    vault_replica: BackupVault
    restore: IamRole


def backup(stack: PlatformStack, keys: Keys, replica_key: KmsKey, state: State, serving: Serving) -> Backup:
    """A backup plan with a vault in each region, and the roles of backups and restores."""
    vault = _vault(stack, "vault", keys.state.arn)
    replica = _vault(stack, "vault_replica", replica_key.arn, provider=stack.replica)
    rules = _rules(stack, vault, replica)
    plan = BackupPlan(stack, "backup", name=names.backup_vault(stack.env), rule=rules)
    key_arns = [keys.state.arn, keys.curated.arn, replica_key.arn]
    role = _role(stack, "backup", backup_permissions(stack.env, key_arns))
    BackupSelection(
        stack,
        "backup_selection",
        name="state-and-lakebase",
        plan_id=plan.id,
        iam_role_arn=role.arn,
        resources=[*(table.arn for table in state.tables.values()), serving.lakebase.cluster.arn],
        depends_on=[*role.policies],
    )
    restore = _role(stack, "restore", restore_permissions(stack.env, key_arns))
    return Backup(plan, vault, replica, restore.role)


def _role(stack: PlatformStack, name: str, statements: Statements) -> ServiceRole:
    return service_role(stack, name, "backup.amazonaws.com", statements, says_account=False)


def _vault(stack: PlatformStack, resource: str, key_arn: str, **provider: Any) -> BackupVault:
    """A vault. In a protected environment it is locked: nobody deletes a backup before FREQUENT_DAYS."""
    protect = stack.env.stack.protect
    vault = BackupVault(
        stack,
        resource,
        name=names.backup_vault(stack.env),
        kms_key_arn=key_arn,
        force_destroy=not protect,
        lifecycle=stack.keep,
        **provider,
    )
    if protect:
        BackupVaultLockConfiguration(
            stack,
            f"lock_{resource}",
            backup_vault_name=vault.name,
            min_retention_days=FREQUENT_DAYS,
            **provider,
        )
    return vault


def _rules(stack: PlatformStack, vault: BackupVault, replica: BackupVault) -> list[BackupPlanRule]:
    recovery = stack.env.stack.recovery
    daily = _rule("daily", "cron(30 0 * * ? *)", recovery.backup_days, vault, replica)
    if recovery.backup_hours == 24:
        return [daily]
    hours = "*" if recovery.backup_hours == 1 else f"0/{recovery.backup_hours}"
    return [daily, _rule("frequent", f"cron(0 {hours} * * ? *)", FREQUENT_DAYS, vault, replica)]


def _rule(name: str, schedule: str, days: int, vault: BackupVault, replica: BackupVault) -> BackupPlanRule:
    """A schedule of backups that are kept, like their copies, for so many days."""
    lifecycle = {"delete_after": days}
    return BackupPlanRule(
        rule_name=name,
        target_vault_name=vault.name,
        schedule=schedule,
        lifecycle=lifecycle,
        start_window=BACKUP_START_MINUTES,
        completion_window=BACKUP_COMPLETION_MINUTES,
        copy_action=[BackupPlanRuleCopyAction(destination_vault_arn=replica.arn, lifecycle=lifecycle)],
    )
