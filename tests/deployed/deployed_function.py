"""A Lambda function as the stack defines it, without Terraform: its zip, role, logs and job catalog."""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import Any

from lakehouse.project import project_root
from tests.deployed.deployed_jobs import DeployedJobs
from tests.infra import synthesis

_REFERENCE = re.compile(r"\$\{(\w+)\.(\w+)\.(\w+)\}")


class DeployedFunction:
    """Makes what Terraform would make of the document of the environment `local`."""

    def __init__(self, jobs: DeployedJobs, name: str) -> None:
        self.name = name
        self.jobs = jobs
        self.resources: dict[str, Any] = synthesis.document(synthesis.whole_stack("local", jobs.root))[
            "resource"
        ]
        self.values = {
            address: value
            for address, value in jobs.rights.arns.items()
            if address.startswith(("aws_kms_key", "aws_dynamodb_table"))
        }

    def create(self) -> None:
        """The function, and what it needs."""
        self._queues()
        self._job_catalog()
        self._logs()
        self._function()

    def _queues(self) -> None:
        sqs = self.jobs.client("sqs")
        for name, queue in self.resources["aws_sqs_queue"].items():
            url = sqs.create_queue(QueueName=queue["name"])["QueueUrl"]
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
            self.values |= {
                f"aws_sqs_queue.{name}.url": url,
                f"aws_sqs_queue.{name}": attributes["QueueArn"],
            }

    def _job_catalog(self) -> None:
        catalog = self.resources["aws_s3_object"]["object_watched"]
        bucket = self.resources["aws_s3_bucket"]["bucket_artifacts"]["bucket"]
        body = self.resolved(catalog["content"]).encode()
        self.jobs.client("s3").put_object(Bucket=bucket, Key=catalog["key"], Body=body)

    def _logs(self) -> None:
        group = self.resources["aws_cloudwatch_log_group"][f"logs_{self.name}"]["name"]
        self.jobs.client("logs").create_log_group(logGroupName=group)
        env = self.jobs.env
        self.values[f"aws_cloudwatch_log_group.logs_{self.name}"] = (
            f"arn:aws:logs:{env.region}:{env.account}:log-group:{group}"
        )

    def _function(self) -> None:
        iam, function = (
            self.jobs.client("iam"),
            self.resources["aws_lambda_function"][f"function_{self.name}"],
        )
        role = self.resources["aws_iam_role"][f"role_{self.name}"]
        arn = iam.create_role(RoleName=role["name"], AssumeRolePolicyDocument=role["assume_role_policy"])
        policy = self.resolved(self.resources["aws_iam_role_policy"][f"permissions_{self.name}"]["policy"])
        iam.put_role_policy(RoleName=role["name"], PolicyName="own", PolicyDocument=policy)
        variables = json.loads(self.resolved(json.dumps(function["environment"]["variables"])))
        made = self.jobs.client("lambda").create_function(
            FunctionName=function["function_name"],
            Runtime=function["runtime"],
            Role=arn["Role"]["Arn"],
            Handler=function["handler"],
            Timeout=function["timeout"],
            MemorySize=function["memory_size"],
            Code={"ZipFile": (project_root() / f".build/functions/{self.name}.zip").read_bytes()},
            Environment={"Variables": variables},
            DeadLetterConfig={"TargetArn": self.values["aws_sqs_queue.queue_dead_letters"]},
        )
        self.values[f"aws_lambda_function.function_{self.name}"] = made["FunctionArn"]

    def resolved(self, text: str) -> str:
        """The text with the values of what it refers to."""
        return _REFERENCE.sub(
            lambda m: self.values.get(f"{m[1]}.{m[2]}.{m[3]}") or self.values.get(f"{m[1]}.{m[2]}", m[0]),
            text,
        )

    @cached_property
    def role(self) -> str:
        """The name of the function's role."""
        return str(self.resources["aws_iam_role"][f"role_{self.name}"]["name"])
