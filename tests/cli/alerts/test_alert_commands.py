"""`lakehouse alerts`: what a person sees of messages that reached nobody, and how they get on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from glue_jobs.aws import clients
from lakehouse.environments import Environment, names
from tests.cli.calls import Call

MESSAGE = {
    "key": "k",
    "weight": "failure",
    "title": "silver failed",
    "error": "RUN201",
    "links": {"log": "x"},
}
BODY = {"channel": "topic", "to": "owner@company.com", "why": "Throttled", "message": MESSAGE}


@pytest.fixture
def world(moto_world: Environment) -> Iterator[Environment]:
    """Both queues, and the topic of owners with a queue that hears it."""
    sqs, sns = clients(moto_world).client("sqs"), clients(moto_world).sns
    queues = [names.queue(moto_world, queue) for queue in ("undelivered", "dead-letters", "heard")]
    urls = [sqs.create_queue(QueueName=queue)["QueueUrl"] for queue in queues]
    arn = f"arn:aws:sqs:{moto_world.region}:{moto_world.account}:{names.queue(moto_world, 'heard')}"
    topics = [names.alert_topic(moto_world), names.owner_topic(moto_world)]
    arns = [sns.create_topic(Name=topic)["TopicArn"] for topic in topics]
    heard = sns.subscribe(TopicArn=arns[1], Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
    yield moto_world
    sns.unsubscribe(SubscriptionArn=heard["SubscriptionArn"])
    for url in urls:
        sqs.delete_queue(QueueUrl=url)


def put(env: Environment, queue: str, body: Any) -> None:
    sqs = clients(env).client("sqs")
    url = sqs.get_queue_url(QueueName=names.queue(env, queue))["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=body if isinstance(body, str) else json.dumps(body))


def listed(lakehouse: Call) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(lakehouse("alerts", "list", "--env", "local", "--json").out)
    return rows


def test_the_list_shows_why_and_takes_nothing_away(world: Environment, lakehouse: Call) -> None:
    put(world, "undelivered", BODY)
    put(
        world,
        "dead-letters",
        {"source": "aws.glue", "detail-type": "Glue Job State Change", "detail": {"jobName": "j"}},
    )
    put(world, "dead-letters", "no JSON")
    for _ in range(2):
        rows = listed(lakehouse)
        assert [row["queue"] for row in rows] == ["undelivered", "dead-letters", "dead-letters"]
        assert (rows[0]["to"], rows[0]["why"], rows[0]["message"]) == (
            "owner@company.com",
            "Throttled",
            "silver failed",
        )
        assert (rows[1]["channel"], rows[1]["message"]) == ("sla_notifier", "Glue Job State Change j")


def test_a_message_that_is_sent_again_reaches_its_owner_and_leaves_the_queue(
    world: Environment, lakehouse: Call
) -> None:
    put(world, "undelivered", BODY)
    dry = lakehouse("alerts", "resend", "--env", "local", "--queue", "undelivered", "--dry-run")
    assert (dry.code, len(listed(lakehouse))) == (0, 1)
    answer = lakehouse("alerts", "resend", "--env", "local", "--queue", "undelivered", "--yes")
    assert (answer.code, "sent: 1 of 1" in answer.out) == (0, True)
    assert listed(lakehouse) == []
    sqs = clients(world).client("sqs")
    url = sqs.get_queue_url(QueueName=names.queue(world, "heard"))["QueueUrl"]
    (heard,) = sqs.receive_message(QueueUrl=url)["Messages"]
    notice = json.loads(heard["Body"])
    assert json.loads(notice["Message"]) == MESSAGE
    assert notice["MessageAttributes"]["to"]["Value"] == "owner@company.com"


def test_discarded_messages_are_gone_and_an_unknown_queue_is_refused(
    world: Environment, lakehouse: Call
) -> None:
    put(world, "dead-letters", "no JSON")
    answer = lakehouse("alerts", "discard", "--env", "local", "--queue", "dead-letters", "--yes")
    assert "discarded: 1 of 1" in answer.out
    assert listed(lakehouse) == []
    refused = lakehouse("alerts", "resend", "--env", "local", "--queue", "undeliverd")
    assert (refused.code, "undelivered" in refused.err) == (2, True)
    assert "sqs" in lakehouse("alerts", "subscriptions", "--env", "local").out


def test_an_environment_without_alerts_says_so(moto_world: Environment, lakehouse: Call) -> None:
    answer = lakehouse("alerts", "list", "--env", "local")
    assert (answer.code, "RUN671" in answer.err) == (1, True)
