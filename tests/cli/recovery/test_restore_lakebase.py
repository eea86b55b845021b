"""The Lakebase is restored from its newest backup, and a restore that stopped goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import ANY

from cli.recovery import restore_lakebase
from cli.recovery.restore_lakebase import LakebaseRestore
from glue_jobs.errors import RunError
from lakehouse.environments import load_environment, names
from tests.cli.recovery.conftest import Stubs

PROD = load_environment("prod")
ENV = PROD.model_copy(update={"region": PROD.replica_region})
NAME = names.lakebase(ENV)
THREE = datetime(2017, 1, 31, 3, tzinfo=UTC)
KEY = f"arn:aws:kms:{ENV.region}:{ENV.account}:key/1a2b"


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restore_lakebase, "LOOK_SECONDS", 0.0)


def _point(created: datetime, status: str = "COMPLETED", name: str = NAME) -> dict[str, Any]:
    return {
        "RecoveryPointArn": f"arn:aws:rds:x:1:cluster-snapshot:awsbackup:{created:%H}",
        "ResourceArn": f"arn:aws:rds:{PROD.region}:{PROD.account}:cluster:{name}",
        "CreationDate": created,
        "Status": status,
    }


def _vault(aws: Stubs, *points: dict[str, Any], groups: int = 1, cluster: bool = False) -> None:
    asked = {"BackupVaultName": names.backup_vault(PROD), "ByResourceType": "Aurora"}
    aws["backup"].add_response("list_recovery_points_by_backup_vault", {"RecoveryPoints": [*points]}, asked)
    if not points:
        return
    filters = {"Filters": [{"Name": "tag:Name", "Values": ANY}]}
    found = {"SecurityGroups": [{"GroupId": "sg-1"}] * groups}
    aws["ec2"].add_response("describe_security_groups", found, filters)
    if groups and cluster:
        _cluster(aws, "available", [])
    elif groups:
        aws["rds"].add_client_error("describe_db_clusters", "DBClusterNotFoundFault")


def _cluster(aws: Stubs, status: str, members: list[dict[str, Any]]) -> None:
    answer = {"DBClusters": [{"Status": status, "DBClusterMembers": members}]}
    aws["rds"].add_response("describe_db_clusters", answer, {"DBClusterIdentifier": NAME})


def _password(aws: Stubs) -> None:
    asked = {"DBClusterIdentifier": NAME, "ManageMasterUserPassword": True, "ApplyImmediately": True}
    aws["rds"].add_response("modify_db_cluster", {}, asked)


def test_cluster_and_instance_are_restored_and_rds_keeps_the_password(aws: Stubs) -> None:
    old, partial = _point(THREE - timedelta(hours=1)), _point(THREE + timedelta(hours=1), "PARTIAL")
    _vault(aws, old, _point(THREE), partial, _point(THREE + timedelta(hours=2), name="other"))
    plan = LakebaseRestore.of(ENV, None)
    assert (plan.created, plan.exists, plan.group) == (THREE, False, "sg-1")
    alias = {"KeyId": names.lakebase_key(ENV)}
    aws["kms"].add_response("describe_key", {"KeyMetadata": {"KeyId": "1a2b", "Arn": KEY}}, alias)
    declared = ENV.stack.lakebase
    asked = {
        "DBClusterIdentifier": NAME,
        "SnapshotIdentifier": _point(THREE)["RecoveryPointArn"],
        "Engine": "aurora-postgresql",
        "DBSubnetGroupName": NAME,
        "VpcSecurityGroupIds": ["sg-1"],
        "KmsKeyId": KEY,
        "ServerlessV2ScalingConfiguration": {
            "MinCapacity": declared.min_capacity,
            "MaxCapacity": declared.max_capacity,
        },
        "EnableIAMDatabaseAuthentication": True,
        "CopyTagsToSnapshot": True,
        "DeletionProtection": ENV.stack.protect,
    }
    aws["rds"].add_response("restore_db_cluster_from_snapshot", {}, asked)
    for status in ("creating", "available", "available"):
        _cluster(aws, status, [])
    instance = {
        "DBInstanceIdentifier": f"{NAME}-1",
        "DBClusterIdentifier": NAME,
        "Engine": "aurora-postgresql",
        "DBInstanceClass": "db.serverless",
        "PubliclyAccessible": False,
    }
    aws["rds"].add_response("create_db_instance", {}, instance)
    _password(aws)
    plan.execute()


def test_a_restore_that_stopped_goes_on(aws: Stubs) -> None:
    _vault(aws, _point(THREE), cluster=True)
    plan = LakebaseRestore.of(ENV, None)
    assert plan.exists
    for _ in range(2):
        _cluster(aws, "available", [{"DBInstanceIdentifier": f"{NAME}-1"}])
    _password(aws)
    plan.execute()


def test_backup_of_a_lost_environment_stands_beside_the_cluster_of_the_new_stack(aws: Stubs) -> None:
    _vault(aws, _point(THREE))
    new = ENV.model_copy(update={"name": "prod-two"})
    plan = LakebaseRestore.of(new, None, ENV)
    assert (plan.name, plan.snapshot) == (
        "lakehouse-prod-two-lakebase-restored",
        _point(THREE)["RecoveryPointArn"],
    )


def test_a_restore_that_fails_is_said(aws: Stubs) -> None:
    _vault(aws, _point(THREE), cluster=True)
    plan = LakebaseRestore.of(ENV, None)
    _cluster(aws, "incompatible-restore", [])
    with pytest.raises(RunError, match=f"RUN684 {NAME} is incompatible-restore"):
        plan.execute()


def test_without_a_backup_or_a_stack_nothing_begins(aws: Stubs) -> None:
    _vault(aws)
    with pytest.raises(RunError, match=f"RUN682 eu-west-1 has no backup of {NAME}"):
        LakebaseRestore.of(ENV, None)
    _vault(aws, _point(THREE), groups=0)
    with pytest.raises(RunError, match="RUN683 eu-west-1 has no security group"):
        LakebaseRestore.of(ENV, None)
