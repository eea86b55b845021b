"""Glue's events about runs, on the default bus."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.local_aws.glue.conftest import Scripts

Received = Callable[[str], dict[str, Any]]


@pytest.fixture
def received(scripts: Scripts) -> Iterator[Received]:
    """`received(detail_type)` is the detail of the only event of that type since the start of the test."""
    events, sqs = (scripts.host.client(service, scripts.env.region) for service in ("events", "sqs"))
    queue = sqs.create_queue(QueueName="glue-events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="glue-events", EventPattern=json.dumps({"source": ["aws.glue"]}))
    events.put_targets(Rule="glue-events", Targets=[{"Id": "queue", "Arn": arn}])

    def read(detail_type: str) -> dict[str, Any]:
        # The event follows the state, so it may come a moment after it.
        messages = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5, MaxNumberOfMessages=10)["Messages"]
        bodies = [json.loads(message["Body"]) for message in messages]
        (detail,) = [body["detail"] for body in bodies if body["detail-type"] == detail_type]
        return dict(detail)

    yield read
    sqs.delete_queue(QueueUrl=queue)
    events.remove_targets(Rule="glue-events", Ids=["queue"])
    events.delete_rule(Name="glue-events")


def test_end_of_a_run_is_an_event(scripts: Scripts, received: Received) -> None:
    run = scripts.run("raise ValueError('no orders')")
    assert received("Glue Job State Change") == {
        "jobName": run.request.job_name,
        "jobRunId": run.id,
        "state": "FAILED",
        "severity": "ERROR",
        "message": "ValueError: no orders",
    }


def test_run_past_its_notification_threshold_is_an_event(scripts: Scripts, received: Received) -> None:
    # A minute is a twentieth of a second here.
    run = scripts.run("import time\ntime.sleep(1)\n", notification={"NotifyDelayAfter": 5})
    detail = received("Glue Job Run Status")
    assert (detail["jobName"], detail["jobRunId"]) == (run.request.job_name, run.id)
    assert (detail["state"], detail["notificationCondition"]) == ("RUNNING", {"NotifyDelayAfter": 5})
