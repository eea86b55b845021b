"""The second region as the stack defines it, without Terraform: keys, copies, rules, roles and backups."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from lakehouse.environments import names
from lakehouse.environments.names import REPLICATED
from local_aws.bootstrap import session_client
from tests.deployed.deployed_jobs import DeployedJobs
from tests.infra import synthesis

_REFERENCE = re.compile(r"\$\{(\w+)\.(\w+)\.(\w+)\}")
_ROLES = ("replication", "batch_replication", "backup", "restore")
_SECONDS = 120


class DeployedRecovery:
    """Makes what Terraform would make of the document of the environment `local`."""

    def __init__(self, jobs: DeployedJobs) -> None:
        self.jobs = jobs
        self.resources: dict[str, Any] = synthesis.document(synthesis.whole_stack("local"))["resource"]
        self.values = dict(jobs.rights.arns)

    def second(self, service: str) -> Any:
        """A client of the second region."""
        env = self.jobs.env
        assert env.aws.endpoint
        there = env.model_copy(update={"region": env.replica_region})
        return session_client(there, service, env.aws.endpoint, "testing")

    def create(self) -> None:
        """Everything but the jobs of AWS Backup; from here on S3 copies what is written."""
        self._keys()
        for name in _ROLES:
            self._role(name)
        for zone in REPLICATED:
            self._replica(zone)
        self._vaults()
        self._lakebase()

    def back_up(self) -> None:
        """The stack's plan, due every minute, until each resource has a backup in the second region."""
        backup, plan = self.jobs.client("backup"), self.resources["aws_backup_plan"]["backup"]
        rules = [_rule(self._resolved(rule)) for rule in plan["rule"]]
        made = backup.create_backup_plan(BackupPlan={"BackupPlanName": plan["name"], "Rules": rules})
        chosen = self._resolved(self.resources["aws_backup_selection"]["backup_selection"])
        selection = {
            "SelectionName": chosen["name"],
            "IamRoleArn": chosen["iam_role_arn"],
            "Resources": chosen["resources"],
        }
        backup.create_backup_selection(BackupPlanId=made["BackupPlanId"], BackupSelection=selection)
        until = time.monotonic() + _SECONDS
        while {point["ResourceArn"] for point in self._points()} != set(chosen["resources"]):
            failed = [*_failures(backup.list_backup_jobs), *_failures(backup.list_copy_jobs)]
            assert failed == []
            assert time.monotonic() < until
            time.sleep(1)
        backup.delete_backup_plan(BackupPlanId=made["BackupPlanId"])

    def _points(self) -> list[dict[str, Any]]:
        vault = names.backup_vault(self.jobs.env)
        points: list[dict[str, Any]] = self.second("backup").list_recovery_points_by_backup_vault(
            BackupVaultName=vault
        )["RecoveryPoints"]
        return points

    def _client(self, resource: dict[str, Any]) -> Callable[[str], Any]:
        return self.second if resource.get("provider") == "aws.replica" else self.jobs.client

    def _keys(self) -> None:
        for name, key in self.resources["aws_kms_key"].items():
            if name.endswith("_replica"):
                made = self.second("kms").create_key(Policy=key["policy"])["KeyMetadata"]
                self.values[f"aws_kms_key.{name}"] = made["Arn"]
        for alias in self.resources["aws_kms_alias"].values():
            kms = self._client(alias)("kms")
            kms.create_alias(AliasName=alias["name"], TargetKeyId=self._resolved(alias["target_key_id"]))

    def _role(self, name: str) -> None:
        iam, role = self.jobs.client("iam"), self.resources["aws_iam_role"][f"role_{name}"]
        made = iam.create_role(RoleName=role["name"], AssumeRolePolicyDocument=role["assume_role_policy"])
        self.values[f"aws_iam_role.role_{name}"] = made["Role"]["Arn"]
        policy = self.resources["aws_iam_role_policy"][f"role_policy_{name}"]
        document = self._resolved(policy["policy"])
        iam.put_role_policy(RoleName=role["name"], PolicyName=policy["name"], PolicyDocument=document)

    def _replica(self, zone: str) -> None:
        first, second = self.jobs.client("s3"), self.second("s3")
        source = self.resources["aws_s3_bucket"][f"bucket_{zone}"]["bucket"]
        replica = self.resources["aws_s3_bucket"][f"bucket_{zone}_replica"]["bucket"]
        place = {"LocationConstraint": self.jobs.env.replica_region}
        second.create_bucket(Bucket=replica, CreateBucketConfiguration=place)
        for bucket in (source, replica):
            first.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        rules = self.resources["aws_s3_bucket_server_side_encryption_configuration"]
        default = rules[f"encryption_{zone}_replica"]["rule"][0]["apply_server_side_encryption_by_default"]
        key = self._resolved(default["kms_master_key_id"])
        by = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
        second.put_bucket_encryption(Bucket=replica, ServerSideEncryptionConfiguration={"Rules": [by]})
        policy = self.resources["aws_s3_bucket_policy"][f"policy_{zone}_replica"]["policy"]
        second.put_bucket_policy(Bucket=replica, Policy=self._resolved(policy))
        self.values[f"aws_s3_bucket.bucket_{zone}_replica"] = f"arn:aws:s3:::{replica}"
        configurations = self.resources["aws_s3_bucket_replication_configuration"]
        stated = self._resolved(configurations[f"replication_{zone}"])
        facts = {"Role": stated["role"], "Rules": [_replication(rule) for rule in stated["rule"]]}
        first.put_bucket_replication(Bucket=source, ReplicationConfiguration=facts)

    def _vaults(self) -> None:
        for name, stated in self.resources["aws_backup_vault"].items():
            vault = self._resolved(stated)
            made = self._client(stated)("backup").create_backup_vault(
                BackupVaultName=vault["name"], EncryptionKeyArn=vault["kms_key_arn"]
            )
            self.values[f"aws_backup_vault.{name}"] = made["BackupVaultArn"]

    def _lakebase(self) -> None:
        stated = self._resolved(self.resources["aws_rds_cluster"]["lakebase"])
        made = self.jobs.client("rds").create_db_cluster(
            DBClusterIdentifier=stated["cluster_identifier"],
            Engine=stated["engine"],
            DatabaseName=stated["database_name"],
            MasterUsername=stated["master_username"],
            ManageMasterUserPassword=True,
            StorageEncrypted=True,
            KmsKeyId=stated["kms_key_id"],
        )
        self.values["aws_rds_cluster.lakebase"] = made["DBCluster"]["DBClusterArn"]

    def _resolved(self, stated: Any) -> Any:
        """A text or a resource with the values of what it refers to. A vault's name ends its ARN."""
        if not isinstance(stated, str):
            return json.loads(self._resolved(json.dumps(stated)))

        def value(match: re.Match[str]) -> str:
            found = self.values.get(f"{match[1]}.{match[2]}", match[0])
            return found.rpartition(":")[2] if match[3] == "name" else found

        return _REFERENCE.sub(value, stated)


def _rule(stated: dict[str, Any]) -> dict[str, Any]:
    """A rule of the plan with all that it says but the hour."""
    return {
        "RuleName": stated["rule_name"],
        "TargetBackupVaultName": stated["target_vault_name"],
        "ScheduleExpression": "cron(* * * * ? *)",
        "Lifecycle": {"DeleteAfterDays": stated["lifecycle"]["delete_after"]},
        "CopyActions": [
            {
                "DestinationBackupVaultArn": action["destination_vault_arn"],
                "Lifecycle": {"DeleteAfterDays": action["lifecycle"]["delete_after"]},
            }
            for action in stated["copy_action"]
        ],
    }


def _replication(stated: dict[str, Any]) -> dict[str, Any]:
    to = stated["destination"]
    key = to["encryption_configuration"]["replica_kms_key_id"]
    return {
        "ID": stated["id"],
        "Status": stated["status"],
        "Priority": stated["priority"],
        "Filter": {"Prefix": stated["filter"]["prefix"]},
        "DeleteMarkerReplication": {"Status": stated["delete_marker_replication"]["status"]},
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        "Destination": {"Bucket": to["bucket"], "EncryptionConfiguration": {"ReplicaKmsKeyID": key}},
    }


def _failures(list_jobs: Callable[..., dict[str, Any]]) -> Iterator[str]:
    answer = list_jobs(ByState="FAILED")
    for job in answer.get("BackupJobs") or answer.get("CopyJobs") or []:
        yield f"{job['ResourceArn']}: {job['StatusMessage']}"
