"""What AWS Backup did, and S3's batch jobs: botocore's own models judge every request and answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.stub import ANY

from cli.recovery.backups import findings
from cli.recovery.batch_copy import BatchCopy
from lakehouse.environments import load_environment, names
from lakehouse.environments.names import Control, Zone
from tests.cli.recovery.conftest import Stubs

PROD = load_environment("prod")
NOW = datetime.now(UTC)
NAMES = [names.lakebase(PROD), *(names.control_table(PROD, c) for c in Control)]


def _arn(name: str) -> str:
    return f"arn:aws:rds:x:1:cluster:{name}" if "lakebase" in name else f"arn:aws:dynamodb:x:1:table/{name}"


def _region(aws: Stubs, *, failed: list[dict[str, Any]], age: timedelta, aurora: bool = True) -> None:
    backup = aws["backup"]
    chosen = {"ResourceTypeOptInPreference": {"Aurora": aurora, "DynamoDB": True, "EFS": False}}
    backup.add_response("describe_region_settings", chosen)
    for state in ("FAILED", "ABORTED", "EXPIRED"):
        jobs = failed if state == "FAILED" else []
        backup.add_response(
            "list_backup_jobs", {"BackupJobs": jobs}, {"ByState": state, "ByCreatedAfter": ANY}
        )
    backup.add_response("list_copy_jobs", {"CopyJobs": []}, {"ByState": "FAILED", "ByCreatedAfter": ANY})
    points = [
        {"ResourceArn": _arn(name), "Status": status, "CreationDate": NOW - old}
        for name in NAMES
        for status, old in (("COMPLETED", age), ("COMPLETED", age * 2), ("PARTIAL", timedelta(0)))
    ]
    vault = {"BackupVaultName": names.backup_vault(PROD)}
    backup.add_response("list_recovery_points_by_backup_vault", {"RecoveryPoints": points}, vault)


def test_failures_old_backups_and_what_is_switched_off_are_faults(aws: Stubs) -> None:
    job = {"ResourceArn": _arn(NAMES[0]), "CreationDate": NOW, "StatusMessage": "the key is disabled"}
    foreign = {**job, "ResourceArn": _arn("lakebase-of-somebody-else")}
    _region(aws, failed=[job, foreign], age=timedelta(minutes=30))
    _region(aws, failed=[], age=timedelta(minutes=PROD.stack.recovery.backup_rpo_minutes + 1), aurora=False)
    rows = findings(PROD, days=2)
    faults = [(f.region, f.resource, f.state) for f in rows if f.is_fault]
    assert faults == [
        (PROD.region, NAMES[0], "backup FAILED"),
        (PROD.replica_region, "Aurora", "OFF"),
        *((PROD.replica_region, name, "newest backup TOO OLD") for name in NAMES),
    ]
    assert "the key is disabled" in next(f.detail for f in rows if f.is_fault)


def test_objects_whose_copy_failed_are_copied_by_a_batch_job(aws: Stubs) -> None:
    bucket = names.bucket(PROD, Zone.GOLD)
    generator = {
        "SourceBucket": f"arn:aws:s3:::{bucket}",
        "ExpectedBucketOwner": PROD.account,
        "EnableManifestOutput": False,
        "Filter": {"EligibleForReplication": True, "ObjectReplicationStatuses": ["FAILED"]},
    }
    asked = {
        "AccountId": PROD.account,
        "ConfirmationRequired": False,
        "Operation": {"S3ReplicateObject": {}},
        "Report": {"Enabled": False},
        "ClientRequestToken": ANY,
        "ManifestGenerator": {"S3JobManifestGenerator": generator},
        "Priority": 1,
        "RoleArn": f"arn:aws:iam::{PROD.account}:role/{names.service_role(PROD, 'batch_replication')}",
        "Description": "prod: failed objects of gold",
    }
    aws["s3control"].add_response("create_job", {"JobId": "1" * 36}, asked)
    assert BatchCopy.start(PROD, Zone.GOLD, "FAILED").id == "1" * 36
