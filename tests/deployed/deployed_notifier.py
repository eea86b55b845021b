"""The notifier as the stack defines it, without Terraform: the function, its rules, topic and table."""

from __future__ import annotations

from tests.deployed.deployed_function import DeployedFunction
from tests.deployed.deployed_jobs import DeployedJobs


class DeployedNotifier(DeployedFunction):
    """Everything between a run that ends and the mail about it."""

    def __init__(self, jobs: DeployedJobs) -> None:
        super().__init__(jobs, "sla_notifier")

    def create(self) -> None:
        """The function, and what calls it and what it calls."""
        self._topic()
        self._tables()
        super().create()
        self._rules()

    def _topic(self) -> None:
        sns = self.jobs.client("sns")
        topic = sns.create_topic(Name=self.resources["aws_sns_topic"]["topic_owners"]["name"])["TopicArn"]
        for subscription in self.resources["aws_sns_topic_subscription"].values():
            if "topic_owners" in subscription["topic_arn"]:
                filters = {"FilterPolicy": subscription["filter_policy"]}
                sns.subscribe(
                    TopicArn=topic, Protocol="email", Endpoint=subscription["endpoint"], Attributes=filters
                )

    def _tables(self) -> None:
        table = self.resources["aws_dynamodb_table"]["table_told"]
        self.jobs.client("dynamodb").create_table(
            TableName=table["name"],
            KeySchema=[{"AttributeName": table["hash_key"], "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": table["hash_key"], "AttributeType": "S"}],
            BillingMode=table["billing_mode"],
        )

    def _rules(self) -> None:
        events = self.jobs.client("events")
        for name, target in self.resources["aws_cloudwatch_event_target"].items():
            rule = self.resources["aws_cloudwatch_event_rule"][f"rule_{name.removeprefix('target_')}"]
            if "event_pattern" in rule:
                events.put_rule(Name=rule["name"], EventPattern=rule["event_pattern"])
                arn = self.resolved(target["arn"])
                events.put_targets(Rule=rule["name"], Targets=[{"Id": name, "Arn": arn}])
