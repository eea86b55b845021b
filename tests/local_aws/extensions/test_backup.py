"""Selections of AWS Backup."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.extensions.conftest import Client, code_of


def test_a_backup_selection_is_created_listed_and_deleted(client: Client) -> None:
    backup = client("backup")
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault"}
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "all", "Rules": [rule]})["BackupPlanId"]
    requested = {
        "SelectionName": "state",
        "IamRoleArn": "arn:aws:iam::123456789012:role/backup",
        "Resources": ["arn:aws:dynamodb:::table/x"],
    }
    selection = backup.create_backup_selection(BackupPlanId=plan, BackupSelection=requested)["SelectionId"]
    grant = {"BackupPlanId": plan, "SelectionId": selection}
    assert backup.get_backup_selection(**grant)["BackupSelection"] == requested
    assert [
        s["SelectionName"] for s in backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]
    ] == ["state"]
    assert backup.get_backup_plan(BackupPlanId=plan)["BackupPlan"]["BackupPlanName"] == "all"
    backup.delete_backup_selection(**grant)
    with pytest.raises(ClientError) as caught:
        backup.get_backup_selection(**grant)
    assert code_of(caught) == "ResourceNotFoundException"
