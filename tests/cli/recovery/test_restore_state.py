"""The state is restored from backups of one hour.

botocore's own models judge every request and answer.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.recovery import restore_state
from cli.recovery.restore_state import StateRestore
from glue_jobs.errors import RunError
from lakehouse.environments import load_environment, names
from lakehouse.environments.names import Control
from tests.cli.recovery.conftest import Stubs

PROD = load_environment("prod")
SECOND = PROD.model_copy(update={"region": PROD.replica_region})
THREE = datetime(2017, 1, 31, 3, tzinfo=UTC)
KEY = f"arn:aws:kms:{SECOND.region}:{SECOND.account}:key/1a2b"


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restore_state, "LOOK_SECONDS", 0.0)


def _point(control: Control, created: datetime, status: str = "COMPLETED") -> dict[str, Any]:
    table = names.control_table(PROD, control)
    return {
        "RecoveryPointArn": f"arn:aws:backup:x:1:recovery-point:{control}-{created:%H%M}",
        "ResourceArn": f"arn:aws:dynamodb:{PROD.region}:{PROD.account}:table/{table}",
        "CreationDate": created,
        "Status": status,
    }


def _vault(aws: Stubs, *points: dict[str, Any], existing: tuple[str, ...] = ()) -> None:
    asked = {"BackupVaultName": names.backup_vault(PROD), "ByResourceType": "DynamoDB"}
    aws["backup"].add_response("list_recovery_points_by_backup_vault", {"RecoveryPoints": [*points]}, asked)
    aws["dynamodb"].add_response("list_tables", {"TableNames": [*existing]})


def _restored(aws: Stubs, control: Control, created: datetime, status: str = "COMPLETED") -> None:
    """Answers of a restore that starts."""
    metadata = {
        "targetTableName": names.control_table(PROD, control),
        "encryptionType": "KMS",
        "kmsMasterKeyArn": KEY,
    }
    asked = {
        "RecoveryPointArn": _point(control, created)["RecoveryPointArn"],
        "IamRoleArn": f"arn:aws:iam::{PROD.account}:role/{names.service_role(PROD, 'restore')}",
        "ResourceType": "DynamoDB",
        "Metadata": metadata,
    }
    aws["backup"].add_response("start_restore_job", {"RestoreJobId": f"job-{control}"}, asked)


def _key(aws: Stubs) -> None:
    answer = {"KeyMetadata": {"KeyId": "1a2b", "Arn": KEY}}
    aws["kms"].add_response("describe_key", answer, {"KeyId": "alias/lakehouse-prod-recovery"})


def _all(created: datetime) -> list[dict[str, Any]]:
    return [_point(control, created + timedelta(minutes=n)) for n, control in enumerate(Control)]


def test_backups_of_the_newest_hour_that_all_tables_have_are_chosen(aws: Stubs) -> None:
    unfinished = _point(Control.WATERMARKS, THREE + timedelta(hours=1), "PARTIAL")
    _vault(aws, *_all(THREE), *_all(THREE - timedelta(hours=1)), unfinished)
    plan = StateRestore.of(SECOND, None)
    assert {b.created.hour for b in plan.backups.values()} == {3}
    assert [row[2] for row in plan.rows()] == ["restore"] * 3


def test_an_older_instant_is_taken_when_asked_for(aws: Stubs) -> None:
    _vault(aws, *_all(THREE), *_all(THREE - timedelta(hours=4)))
    plan = StateRestore.of(SECOND, THREE - timedelta(minutes=1))
    assert {b.created.hour for b in plan.backups.values()} == {23}


@pytest.mark.parametrize(
    ("points", "text"),
    [
        ([], "no backup of lakehouse-prod-watermarks"),
        ([_point(Control.WATERMARKS, THREE)], "no backup of lakehouse-prod-audit within an hour"),
    ],
)
def test_a_state_of_two_instants_is_refused(aws: Stubs, points: list[dict[str, Any]], text: str) -> None:
    asked = {"BackupVaultName": names.backup_vault(PROD), "ByResourceType": "DynamoDB"}
    aws["backup"].add_response("list_recovery_points_by_backup_vault", {"RecoveryPoints": points}, asked)
    with pytest.raises(RunError, match=f"RUN673 eu-west-1 has {text}"):
        StateRestore.of(SECOND, None)


def test_missing_tables_are_restored_and_leases_expire_again(aws: Stubs) -> None:
    points = _all(THREE)
    audit, leases = (names.control_table(PROD, c) for c in (Control.AUDIT, Control.LEASES))
    _vault(aws, *points, existing=(audit, "of-somebody-else"))
    plan = StateRestore.of(SECOND, None)
    assert {row[0]: row[2] for row in plan.rows()}[audit] == "exists"
    _key(aws)
    left = [(c, p["CreationDate"]) for c, p in zip(Control, points, strict=True) if c is not Control.AUDIT]
    for control, created in left:
        _restored(aws, control, created)
    for control, _ in left:
        for status in ("RUNNING", "COMPLETED"):
            answer = {"RestoreJobId": f"job-{control}", "Status": status}
            aws["backup"].add_response("describe_restore_job", answer, {"RestoreJobId": f"job-{control}"})
    off = {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}
    aws["dynamodb"].add_response("describe_time_to_live", off, {"TableName": leases})
    live = {"Enabled": True, "AttributeName": "expires_at"}
    aws["dynamodb"].add_response(
        "update_time_to_live",
        {"TimeToLiveSpecification": live},
        {"TableName": leases, "TimeToLiveSpecification": live},
    )
    plan.execute()


def test_a_restore_that_fails_is_told_in_the_words_of_aws(aws: Stubs) -> None:
    points = _all(THREE)
    _vault(
        aws, *points, existing=tuple(names.control_table(PROD, c) for c in (Control.AUDIT, Control.LEASES))
    )
    plan = StateRestore.of(SECOND, None)
    _key(aws)
    _restored(aws, Control.WATERMARKS, points[0]["CreationDate"])
    answer = {"RestoreJobId": "job-watermarks", "Status": "FAILED", "StatusMessage": "Access Denied"}
    aws["backup"].add_response("describe_restore_job", answer)
    with pytest.raises(RunError, match="RUN674 lakehouse-prod-watermarks: FAILED Access Denied"):
        plan.execute()
