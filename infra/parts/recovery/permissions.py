"""The permissions of backups and restores: this environment's tables and Lakebase in both regions."""

from __future__ import annotations

from infra.constructs.role import Statements
from lakehouse.environments import names
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Control


def backup_permissions(env: Environment, keys: list[str]) -> Statements:
    """Backs up the state and the Lakebase, and copies the backups to the second region."""
    tables = _tables(env)
    vault_actions = ["DescribeBackupVault", "CopyIntoBackupVault", "CopyFromBackupVault"]
    return {
        "BackUpState": {
            "Action": [
                "dynamodb:DescribeTable",
                "dynamodb:CreateBackup",
                "dynamodb:StartAwsBackupJob",
                "dynamodb:ListTagsOfResource",
            ],
            "Resource": tables,
        },
        "BackupsOfState": {
            "Action": ["dynamodb:DescribeBackup", "dynamodb:DeleteBackup"],
            "Resource": [f"{table}/backup/*" for table in tables],
        },
        **_lakebase(env),
        "CopyToSecondRegion": {
            "Action": [f"backup:{action}" for action in vault_actions],
            # A copy reads the recovery point, which is a backup of DynamoDB or a snapshot of Aurora.
            "Resource": [
                *_vaults(env),
                *_recovery_points(env),
                *_arns(env, "rds", "cluster-snapshot:awsbackup:*"),
                *(f"{table}/backup/*" for table in tables),
            ],
        },
        **_encryption(keys),
    }


def _lakebase(env: Environment) -> Statements:
    actions = [
        "DescribeDBClusters",
        "CreateDBClusterSnapshot",
        "DescribeDBClusterSnapshots",
        "CopyDBClusterSnapshot",
        "DescribeDBClusterAutomatedBackups",
        "DeleteDBClusterSnapshot",
        "ModifyDBClusterSnapshotAttribute",
        "ListTagsForResource",
        "AddTagsToResource",
    ]
    cluster = _arns(env, "rds", f"cluster:{names.lakebase(env)}")
    snapshots = _arns(env, "rds", "cluster-snapshot:awsbackup:*")
    return {
        "BackUpLakebase": {
            "Action": [f"rds:{action}" for action in actions],
            "Resource": [*cluster, *snapshots],
        }
    }


def restore_permissions(env: Environment, keys: list[str]) -> Statements:
    """Restores the state only. People restore the Lakebase from its snapshot, as the runbook describes."""
    actions = [
        "RestoreTableFromAwsBackup",
        "RestoreTableFromBackup",
        "DescribeTable",
        "Scan",
        "Query",
        "GetItem",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "BatchWriteItem",
    ]
    tables = _tables(env)
    indexes = [f"{table}/index/*" for table in tables]
    backups = [f"{table}/backup/*" for table in tables]
    return {
        "RestoreState": {
            "Action": [f"dynamodb:{action}" for action in actions],
            "Resource": [*tables, *indexes, *backups, *_recovery_points(env)],
        },
        **_encryption(keys),
    }


def _encryption(keys: list[str]) -> Statements:
    actions = ["Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey*", "DescribeKey"]
    by_aws = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return {
        "UseKeys": {"Action": [f"kms:{action}" for action in actions], "Resource": keys},
        "LendKeysToServices": {"Action": "kms:CreateGrant", "Resource": keys, "Condition": by_aws},
    }


def _tables(env: Environment) -> list[str]:
    tables = [names.control_table(env, control) for control in Control]
    return [arn for table in tables for arn in _arns(env, "dynamodb", f"table/{table}")]


def _vaults(env: Environment) -> list[str]:
    return _arns(env, "backup", f"backup-vault:{names.backup_vault(env)}")


def _recovery_points(env: Environment) -> list[str]:
    """AWS Backup chooses the names of its recovery points."""
    return _arns(env, "backup", "recovery-point:*")


def _arns(env: Environment, service: str, resource: str) -> list[str]:
    """The resource in both regions."""
    regions = (env.region, env.replica_region)
    return [f"arn:aws:{service}:{region}:{env.account}:{resource}" for region in regions]
