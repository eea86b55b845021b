"""The topics, their encryption and their readers."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.infra.alerting import alerting


def statements(policy: str) -> dict[str, dict[str, Any]]:
    return {s["Sid"]: s for s in json.loads(policy)["Statement"]}


def test_topics_and_queues_are_encrypted_and_require_tls() -> None:
    resources = alerting("prod")
    topics = resources["aws_sns_topic"]
    assert {topic["name"] for topic in topics.values()} == {"lakehouse-prod-alerts", "lakehouse-prod-owners"}
    assert {topic["kms_master_key_id"] for topic in topics.values()} == {"${aws_kms_key.key_messages.arn}"}
    policies = [topic_policy["policy"] for topic_policy in resources["aws_sns_topic_policy"].values()]
    for queue in resources["aws_sqs_queue"].values():
        assert queue["kms_master_key_id"] == "${aws_kms_key.key_messages.arn}"
        assert queue["message_retention_seconds"] == 14 * 86_400
        policies.append(queue["policy"])
    for policy in policies:
        policy_statements = statements(policy)
        assert policy_statements["OnlyTls"]["Effect"] == "Deny"
        assert policy_statements["OnlyTls"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        # What AWS sends, it sends for this account.
        assert all(
            s["Condition"]["StringEquals"] == {"aws:SourceAccount": "000000000003"}
            for s in policy_statements.values()
            if s["Effect"] == "Allow"
        )


@mock_aws
@pytest.mark.parametrize(
    ("to", "readers"),
    [
        ("retail-data@company.com", {"retail-data@company.com"}),
        ("slack", set()),
        ("platform", {"data-platform@company.com", "on-call@company.com"}),
    ],
)
def test_each_reader_of_the_owners_topic_gets_only_own_messages(to: str, readers: set[str]) -> None:
    """The real filter policies, evaluated by moto: here a queue stands for each reader's mailbox."""
    region = {
        "region_name": "eu-central-1",
        "aws_access_key_id": "testing",
        "aws_secret_access_key": "testing",
    }
    sns, sqs = boto3.client("sns", **region), boto3.client("sqs", **region)  # type: ignore[call-overload]
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    mailboxes = {}
    for name, subscription in alerting("prod")["aws_sns_topic_subscription"].items():
        if subscription["topic_arn"] != "${aws_sns_topic.topic_owners.arn}":
            continue
        assert subscription["protocol"] == "email"
        mailboxes[subscription["endpoint"]] = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = f"arn:aws:sqs:eu-central-1:123456789012:{name}"
        sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=arn,
            Attributes={"FilterPolicy": subscription["filter_policy"]},
        )
    sns.publish(
        TopicArn=topic, Message="x", MessageAttributes={"to": {"DataType": "String", "StringValue": to}}
    )
    assert {
        email for email, url in mailboxes.items() if sqs.receive_message(QueueUrl=url).get("Messages")
    } == readers


def test_the_platforms_team_gets_every_alert() -> None:
    """Without a filter, which would hold back messages without attributes, such as alarms."""
    readers = [
        s
        for s in alerting("prod")["aws_sns_topic_subscription"].values()
        if s["topic_arn"] == "${aws_sns_topic.topic_alerts.arn}"
    ]
    assert {reader["endpoint"] for reader in readers} == {"data-platform@company.com", "on-call@company.com"}
    assert not [reader for reader in readers if "filter_policy" in reader]
