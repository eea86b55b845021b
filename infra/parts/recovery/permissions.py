"""What a backup and a restore may do: this environment's tables and Lakebase in both regions, and nothing else."""

from __future__ import annotations

from infra.constructs.role import Statements
from lakehouse.environments import names
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Control


def may_back_up(env: Environment, keys: list[str]) -> Statements:
    vaults, points = _vaults(env), _points(env)
    cluster = _arn(env, "rds", f"cluster:{names.lakebase(env)}")
    snapshots = _arn(env, "rds", "cluster-snapshot:awsbackup:*")
    return {
        "BackUpState": {
            "Action": [
                "dynamodb:DescribeTable",
                "dynamodb:CreateBackup",
                "dynamodb:StartAwsBackupJob",
                "dynamodb:ListTagsOfResource",
            ],
            "Resource": _tables(env),
        },
        "BackupsOfState": {
            "Action": ["dynamodb:DescribeBackup", "dynamodb:DeleteBackup"],
            "Resource": [f"{t}/backup/*" for t in _tables(env)],
        },
        "BackUpLakebase": {
            "Action": [
                "rds:DescribeDBClusters",
                "rds:CreateDBClusterSnapshot",
                "rds:DescribeDBClusterSnapshots",
                "rds:CopyDBClusterSnapshot",
                "rds:DescribeDBClusterAutomatedBackups",
                "rds:DeleteDBClusterSnapshot",
                "rds:ModifyDBClusterSnapshotAttribute",
                "rds:ListTagsForResource",
                "rds:AddTagsToResource",
            ],
            "Resource": [*cluster, *snapshots],
        },
        "CopyToSecondRegion": {
            "Action": [
                "backup:DescribeBackupVault",
                "backup:CopyIntoBackupVault",
                "backup:CopyFromBackupVault",
            ],
            "Resource": [*vaults, *points],
        },
        **_encrypted(keys),
    }


def may_restore(env: Environment, keys: list[str]) -> Statements:
    """The state alone: the Lakebase is restored from its snapshot by whoever runs the runbook."""
    tables = _tables(env)
    return {
        "RestoreState": {
            "Action": [
                "dynamodb:RestoreTableFromAwsBackup",
                "dynamodb:RestoreTableFromBackup",
                "dynamodb:DescribeTable",
                "dynamodb:Scan",
                "dynamodb:Query",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
                "dynamodb:DeleteItem",
                "dynamodb:BatchWriteItem",
            ],
            "Resource": [
                *tables,
                *(f"{t}/index/*" for t in tables),
                *(f"{t}/backup/*" for t in tables),
                *_points(env),
            ],
        },
        **_encrypted(keys),
    }


def _encrypted(keys: list[str]) -> Statements:
    used = [
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
        "kms:GenerateDataKey*",
        "kms:DescribeKey",
    ]
    by_aws = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return {
        "UseKeys": {"Action": used, "Resource": keys},
        "LendKeysToServices": {"Action": "kms:CreateGrant", "Resource": keys, "Condition": by_aws},
    }


def _tables(env: Environment) -> list[str]:
    return [
        arn
        for control in Control
        for arn in _arn(env, "dynamodb", f"table/{names.control_table(env, control)}")
    ]


def _vaults(env: Environment) -> list[str]:
    return _arn(env, "backup", f"backup-vault:{names.backup_vault(env)}")


def _points(env: Environment) -> list[str]:
    """AWS Backup names its recovery points itself."""
    return _arn(env, "backup", "recovery-point:*")


def _arn(env: Environment, service: str, what: str) -> list[str]:
    """In both regions."""
    return [f"arn:aws:{service}:{region}:{env.account}:{what}" for region in (env.region, env.replica_region)]
