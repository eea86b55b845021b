"""Alerts reach people without secrets, and an outage of SNS fails no run."""

from __future__ import annotations

import json
import logging

import pytest

from glue_jobs.aws import clients
from glue_jobs.observability.alerts import alert, topic_arn
from glue_jobs.observability.redact import register
from lakehouse.environments import Environment, names


def test_alert_reaches_the_topic_without_secrets(aws_env: Environment) -> None:
    aws = clients(aws_env)
    aws.sns.create_topic(Name=names.alert_topic(aws_env))
    queue = aws.client("sqs").create_queue(QueueName=names.alert_topic(aws_env))["QueueUrl"]
    arn = f"arn:aws:sqs:{aws_env.region}:{aws_env.account}:{names.alert_topic(aws_env)}"
    aws.sns.subscribe(TopicArn=topic_arn(aws_env), Protocol="sqs", Endpoint=arn)
    register(["canary-in-alert"])
    assert alert(
        aws_env,
        "job failed:\ncanary-in-alert é " + "x" * 200,
        {"job": "j", "error": "by canary-in-alert", "rows": 5},
    )
    (message,) = aws.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    body = json.loads(message["Body"])
    assert json.loads(body["Message"]) == {"job": "j", "error": "by ***", "rows": 5}
    assert body["Subject"].startswith("job failed: *** ? xxx")
    assert len(body["Subject"]) < 100


def test_alert_that_cannot_be_sent_is_logged(aws_env: Environment, caplog: pytest.LogCaptureFixture) -> None:
    elsewhere = aws_env.model_copy(update={"project": "nobody"})
    with caplog.at_level(logging.ERROR):
        assert not alert(elsewhere, "lost", {"a": 1})
    assert "alert not sent: lost" in caplog.text
