"""The rights around jobs as the stack defines them, without Terraform: keys, policies and encryption."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.infra.job_parts import job_stack

_REFERENCE = re.compile(r"\$\{(\w+)\.(\w+)\.(\w+)\}")
Client = Callable[[str], Any]


class DeployedRights:
    """Makes what Terraform would make of the document of the environment `local`."""

    def __init__(self, client: Client, root: Path | None = None) -> None:
        self._client = client
        self.resources: dict[str, Any] = job_stack("local", root)["resource"]

    def role(self, job: str) -> str:
        """The ARN of a job's role, which is made with its policies."""
        role = self.resources["aws_iam_role"][f"role_job_{job}"]
        iam = self._client("iam")
        made = iam.create_role(RoleName=role["name"], AssumeRolePolicyDocument=role["assume_role_policy"])
        if f"policy_job_{job}" in self.resources["aws_iam_role_policy"]:
            self.restore(job)
        for name, managed in self.resources["aws_iam_policy"].items():
            if name.startswith(f"policy_job_{job}_"):
                text = self._resolved(managed["policy"])
                arn = iam.create_policy(PolicyName=managed["name"], PolicyDocument=text)["Policy"]["Arn"]
                iam.attach_role_policy(RoleName=role["name"], PolicyArn=arn)
        iam.attach_role_policy(RoleName=role["name"], PolicyArn=self.arns["aws_iam_policy.policy_jobs"])
        return str(made["Role"]["Arn"])

    def restore(self, job: str) -> None:
        """Give a job's role the policy of the stack."""
        policy = self.resources["aws_iam_role_policy"][f"policy_job_{job}"]["policy"]
        self.put(job, json.loads(self._resolved(policy)))

    def role_name(self, job: str) -> str:
        return str(self.resources["aws_iam_role"][f"role_job_{job}"]["name"])

    def put(self, job: str, policy: Mapping[str, Any]) -> None:
        """Replace the policy of a job's role."""
        self._client("iam").put_role_policy(
            RoleName=self.role_name(job), PolicyName="job", PolicyDocument=json.dumps(policy)
        )

    def policy(self, job: str) -> dict[str, Any]:
        """The policy of a job's role, as it is now."""
        answer = self._client("iam").get_role_policy(RoleName=self.role_name(job), PolicyName="job")
        document: dict[str, Any] = answer["PolicyDocument"]
        return document

    def protect(self) -> None:
        """Encrypt buckets, control tables and secrets, give all their policies, and fill the catalog."""
        self._buckets()
        self._catalog()
        dynamodb, secrets = self._client("dynamodb"), self._client("secretsmanager")
        for table in self.resources["aws_dynamodb_table"].values():
            key = self._resolved(table["server_side_encryption"]["kms_key_arn"])
            encryption = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
            dynamodb.update_table(TableName=table["name"], SSESpecification=encryption)
        for policy in self.resources["aws_dynamodb_resource_policy"].values():
            arn = self._resolved(policy["resource_arn"])
            dynamodb.put_resource_policy(ResourceArn=arn, Policy=self._resolved(policy["policy"]))
        present = {secret["Name"] for secret in secrets.list_secrets()["SecretList"]}
        for name, secret in self.resources["aws_secretsmanager_secret"].items():
            if secret["name"] in present:
                policy = self.resources["aws_secretsmanager_secret_policy"][f"policy_{name}"]
                secrets.update_secret(SecretId=secret["name"], KmsKeyId=self._resolved(secret["kms_key_id"]))
                secrets.put_resource_policy(SecretId=secret["name"], ResourcePolicy=policy["policy"])

    def _catalog(self) -> None:
        """Databases and tables, which no job may make."""
        glue = self._client("glue")
        databases = self.resources["aws_glue_catalog_database"]
        for database in databases.values():
            glue.create_database(DatabaseInput={"Name": database["name"]})
        for table in self.resources["aws_glue_catalog_table"].values():
            match = _REFERENCE.fullmatch(table["database_name"])
            assert match is not None
            database = databases[match[2]]["name"]
            entry = {"Name": table["name"], "Parameters": table["parameters"]}
            glue.create_table(DatabaseName=database, TableInput=entry)

    def _buckets(self) -> None:
        s3 = self._client("s3")
        present = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        for rules in self.resources["aws_s3_bucket_server_side_encryption_configuration"].values():
            bucket = self._bucket(rules)
            default = rules["rule"][0]["apply_server_side_encryption_by_default"]
            if bucket in present and "kms_master_key_id" in default:
                key = self._resolved(default["kms_master_key_id"])
                rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
                s3.put_bucket_encryption(
                    Bucket=bucket,
                    ServerSideEncryptionConfiguration={
                        "Rules": [{"ApplyServerSideEncryptionByDefault": rule, "BucketKeyEnabled": True}]
                    },
                )
        for policy in self.resources["aws_s3_bucket_policy"].values():
            if self._bucket(policy) in present:
                s3.put_bucket_policy(Bucket=self._bucket(policy), Policy=self._resolved(policy["policy"]))

    def _bucket(self, resource: Mapping[str, Any]) -> str:
        match = _REFERENCE.fullmatch(resource["bucket"])
        assert match is not None
        return str(self.resources[match[1]][match[2]]["bucket"])

    def _resolved(self, text: str) -> str:
        """The text with the ARNs of what it refers to; networks do not exist here."""
        return _REFERENCE.sub(lambda m: self.arns.get(f"{m[1]}.{m[2]}", f"{m[2]}-of-no-network"), text)

    @cached_property
    def arns(self) -> dict[str, str]:
        """Address → ARN of keys, control tables and the policy of all jobs."""
        arns = {}
        kms, iam, dynamodb = self._client("kms"), self._client("iam"), self._client("dynamodb")
        for name, key in self.resources["aws_kms_key"].items():
            if not name.endswith("_replica"):
                arns[f"aws_kms_key.{name}"] = kms.create_key(Policy=key["policy"])["KeyMetadata"]["Arn"]
        for name, table in self.resources["aws_dynamodb_table"].items():
            description = dynamodb.describe_table(TableName=table["name"])["Table"]
            arns[f"aws_dynamodb_table.{name}"] = description["TableArn"]
        shared = self.resources["aws_iam_policy"]["policy_jobs"]
        text = _REFERENCE.sub(lambda m: arns.get(f"{m[1]}.{m[2]}", f"{m[2]}-of-no-network"), shared["policy"])
        answer = iam.create_policy(PolicyName=shared["name"], PolicyDocument=text)
        return {**arns, "aws_iam_policy.policy_jobs": answer["Policy"]["Arn"]}
