"""The notifier as the stack defines it, without Terraform: its zip, role, rules, topic and tables."""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import Any

from lakehouse.project import project_root
from tests.deployed.deployed_jobs import DeployedJobs
from tests.infra import synthesis

NAME = "sla_notifier"
_REFERENCE = re.compile(r"\$\{(\w+)\.(\w+)\.(\w+)\}")


class DeployedNotifier:
    """Makes what Terraform would make of the document of the environment `local`."""

    def __init__(self, jobs: DeployedJobs) -> None:
        self._jobs = jobs
        self._resources: dict[str, Any] = synthesis.document(synthesis.whole_stack("local"))["resource"]
        self._values = {
            address: value
            for address, value in jobs.rights.arns.items()
            if address.startswith(("aws_kms_key", "aws_dynamodb_table"))
        }

    def create(self) -> None:
        """Everything between a run that ends and the mail about it."""
        self._topic()
        self._queues()
        self._tables()
        group = self._resources["aws_cloudwatch_log_group"][f"logs_{NAME}"]["name"]
        self._jobs.client("logs").create_log_group(logGroupName=group)
        env = self._jobs.env
        self._values[f"aws_cloudwatch_log_group.logs_{NAME}"] = (
            f"arn:aws:logs:{env.region}:{env.account}:log-group:{group}"
        )
        self._function()
        self._rules()

    def _topic(self) -> None:
        sns = self._jobs.client("sns")
        topic = sns.create_topic(Name=self._resources["aws_sns_topic"]["topic_owners"]["name"])["TopicArn"]
        for subscription in self._resources["aws_sns_topic_subscription"].values():
            if "topic_owners" in subscription["topic_arn"]:
                filters = {"FilterPolicy": subscription["filter_policy"]}
                sns.subscribe(
                    TopicArn=topic, Protocol="email", Endpoint=subscription["endpoint"], Attributes=filters
                )

    def _queues(self) -> None:
        sqs = self._jobs.client("sqs")
        for name, queue in self._resources["aws_sqs_queue"].items():
            url = sqs.create_queue(QueueName=queue["name"])["QueueUrl"]
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
            self._values |= {
                f"aws_sqs_queue.{name}.url": url,
                f"aws_sqs_queue.{name}": attributes["QueueArn"],
            }

    def _tables(self) -> None:
        table = self._resources["aws_dynamodb_table"]["table_told"]
        self._jobs.client("dynamodb").create_table(
            TableName=table["name"],
            KeySchema=[{"AttributeName": table["hash_key"], "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": table["hash_key"], "AttributeType": "S"}],
            BillingMode=table["billing_mode"],
        )
        catalog = self._resources["aws_s3_object"]["object_watched"]
        bucket = self._resources["aws_s3_bucket"]["bucket_artifacts"]["bucket"]
        body = self._resolved(catalog["content"]).encode()
        self._jobs.client("s3").put_object(Bucket=bucket, Key=catalog["key"], Body=body)

    def _function(self) -> None:
        iam, function = self._jobs.client("iam"), self._resources["aws_lambda_function"][f"function_{NAME}"]
        role = self._resources["aws_iam_role"][f"role_{NAME}"]
        arn = iam.create_role(RoleName=role["name"], AssumeRolePolicyDocument=role["assume_role_policy"])
        policy = self._resolved(self._resources["aws_iam_role_policy"][f"permissions_{NAME}"]["policy"])
        iam.put_role_policy(RoleName=role["name"], PolicyName="own", PolicyDocument=policy)
        variables = json.loads(self._resolved(json.dumps(function["environment"]["variables"])))
        made = self._jobs.client("lambda").create_function(
            FunctionName=function["function_name"],
            Runtime=function["runtime"],
            Role=arn["Role"]["Arn"],
            Handler=function["handler"],
            Timeout=function["timeout"],
            MemorySize=function["memory_size"],
            Code={"ZipFile": (project_root() / f".build/functions/{NAME}.zip").read_bytes()},
            Environment={"Variables": variables},
            DeadLetterConfig={"TargetArn": self._values["aws_sqs_queue.queue_dead_letters"]},
        )
        self._values[f"aws_lambda_function.function_{NAME}"] = made["FunctionArn"]

    def _rules(self) -> None:
        events = self._jobs.client("events")
        for name, target in self._resources["aws_cloudwatch_event_target"].items():
            rule = self._resources["aws_cloudwatch_event_rule"][f"rule_{name.removeprefix('target_')}"]
            if "event_pattern" in rule:
                events.put_rule(Name=rule["name"], EventPattern=rule["event_pattern"])
                arn = self._resolved(target["arn"])
                events.put_targets(Rule=rule["name"], Targets=[{"Id": name, "Arn": arn}])

    def _resolved(self, text: str) -> str:
        return _REFERENCE.sub(
            lambda m: self._values.get(f"{m[1]}.{m[2]}.{m[3]}") or self._values.get(f"{m[1]}.{m[2]}", m[0]),
            text,
        )

    @cached_property
    def role(self) -> str:
        return str(self._resources["aws_iam_role"][f"role_{NAME}"]["name"])
