"""Backups hold what a table held then, in both regions. botocore's models judge every request and answer."""

from __future__ import annotations

import time
from typing import Any

import pytest

from lakehouse.environments import Environment
from tests.local_aws.backup_world import BackupWorld

ONE: dict[str, Any] = {"id": {"S": "one"}, "n": {"N": "1"}, "raw": {"B": b"\x00\xff"}}
TWO: dict[str, Any] = {"id": {"S": "two"}, "all": {"M": {"l": {"L": [{"NULL": True}]}}}}


@pytest.fixture
def world(local_env: Environment) -> BackupWorld:
    return BackupWorld(local_env)


def _rows(dynamodb: Any, table: str) -> list[dict[str, Any]]:
    return sorted(dynamodb.scan(TableName=table)["Items"], key=lambda row: row["id"]["S"])


def test_a_restored_table_holds_the_rows_of_its_backup_in_both_regions(world: BackupWorld) -> None:
    table = world.table(ONE, TWO)
    done = world.back_up(table)
    assert (done["State"], done["ResourceType"]) == ("COMPLETED", "DynamoDB")
    world.first.dynamodb.delete_item(TableName=world.name, Key={"id": ONE["id"]})
    point = done["RecoveryPointArn"]
    restored = world.restore(world.backup, point, targetTableName=f"{world.name}-again")
    assert restored["Status"] == "COMPLETED"
    assert _rows(world.first.dynamodb, restored["CreatedResourceArn"].rpartition("/")[2]) == [ONE, TWO]
    copied = world.copy(point)
    assert copied["State"] == "COMPLETED"
    there = copied["DestinationRecoveryPointArn"]
    assert world.restore(world.backup_second, there, targetTableName=world.name)["Status"] == "COMPLETED"
    assert _rows(world.second.dynamodb, world.name) == [ONE, TWO]
    assert _rows(world.first.dynamodb, world.name) == [TWO]


def test_recovery_points_are_listed_by_vault_and_by_resource_until_deleted(world: BackupWorld) -> None:
    table = world.table(ONE)
    before = time.time()
    first, second = (world.back_up(table)["RecoveryPointArn"] for _ in range(2))
    world.copy(first)
    assert {p["RecoveryPointArn"] for p in world.points(world.backup)} == {first, second}
    (copy,) = world.points(world.backup_second)
    assert (copy["SourceBackupVaultArn"], copy["ResourceArn"]) == (world.vault, table)
    described = world.backup.describe_recovery_point(BackupVaultName=world.name, RecoveryPointArn=first)
    # A copy is as old as its backup, however late it was made.
    assert copy["CreationDate"] == described["CreationDate"]
    of_table = world.backup.list_recovery_points_by_resource(ResourceArn=table)["RecoveryPoints"]
    assert [p["RecoveryPointArn"] for p in of_table] == [second, first]
    world.backup.delete_recovery_point(BackupVaultName=world.name, RecoveryPointArn=first)
    assert [p["RecoveryPointArn"] for p in world.points(world.backup)] == [second]
    jobs = world.backup.list_backup_jobs(ByState="COMPLETED", ByCreatedAfter=before)["BackupJobs"]
    assert {job["RecoveryPointArn"] for job in jobs if job["ResourceArn"] == table} == {first, second}
    assert world.backup.list_backup_jobs(ByCreatedAfter=time.time() + 60)["BackupJobs"] == []
    asked = {"ByBackupVaultName": world.name, "ByResourceType": "Aurora"}
    assert world.backup.list_backup_jobs(**asked)["BackupJobs"] == []


def test_jobs_fail_in_the_words_of_aws(world: BackupWorld) -> None:
    table = world.table(ONE)
    point = world.back_up(table)["RecoveryPointArn"]
    existing = world.restore(world.backup, point, targetTableName=world.name)
    assert (existing["Status"], "already exists" in existing["StatusMessage"]) == ("FAILED", True)
    world.may("dynamodb:DescribeTable")
    for job in (
        world.back_up(table),
        world.copy(point),
        world.restore(world.backup, point, targetTableName="other"),
    ):
        assert job.get("State") or job.get("Status") == "FAILED"
        assert job["StatusMessage"].startswith("Access Denied: ")
    assert "dynamodb:StartAwsBackupJob" in world.back_up(table)["StatusMessage"]
    with pytest.raises(world.backup.exceptions.ClientError, match="ResourceNotFoundException"):
        world.restore(world.backup, f"{point}x", targetTableName="other")


@pytest.mark.slow
def test_a_plan_backs_up_its_selection_when_it_is_due_and_copies_it(world: BackupWorld) -> None:
    table = world.table(ONE)
    rule = {
        "RuleName": "often",
        "TargetBackupVaultName": world.name,
        "ScheduleExpression": "cron(* * * * ? *)",
        "Lifecycle": {"DeleteAfterDays": 2},
        "CopyActions": [{"DestinationBackupVaultArn": world.vault_second}],
    }
    plan = world.backup.create_backup_plan(BackupPlan={"BackupPlanName": world.name, "Rules": [rule]})
    identifier = plan["BackupPlanId"]
    selection = {"SelectionName": "all", "IamRoleArn": world.role, "Resources": [table]}
    world.backup.create_backup_selection(BackupPlanId=identifier, BackupSelection=selection)
    until = time.monotonic() + 90
    while not world.points(world.backup_second) and time.monotonic() < until:
        time.sleep(1)
    (copy,) = world.points(world.backup_second)
    assert copy["CreatedBy"]["BackupPlanId"] == identifier
    world.backup.delete_backup_plan(BackupPlanId=identifier)
