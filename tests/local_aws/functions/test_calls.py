"""Rules call deployed functions in a process with their variables and role; what they raise is kept."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lakehouse.environments import Environment
from local_aws.functions.next_time import next_time
from local_aws.inbox import inbox_file, mails

Client = Callable[[str], Any]
HANDLER = """
import os
import boto3
def handler(event, context):
    print("called", event.get("detail"), flush=True)
    if event.get("detail", {}).get("state") == "BAD":
        raise ValueError("no such state")
    caller = boto3.client("sts").get_caller_identity()["Arn"]
    boto3.client("sns").publish(TopicArn=os.environ["TOPIC"], Subject=event["detail-type"], Message=caller)
    return {"name": context.function_name}
"""
_SECONDS = 30


class Deployed:
    """A function with a topic, a queue of dead letters and a rule of its own."""

    def __init__(self, client: Client) -> None:
        self.name = f"f-{os.urandom(4).hex()}"
        self.client = client
        self.topic = client("sns").create_topic(Name=self.name)["TopicArn"]
        client("sns").subscribe(TopicArn=self.topic, Protocol="email", Endpoint="team@company.com")
        self.queue = client("sqs").create_queue(QueueName=self.name)["QueueUrl"]
        client("logs").create_log_group(logGroupName=f"/aws/lambda/{self.name}")
        self.arn = self._function()
        events = client("events")
        pattern = {"source": ["aws.glue"], "detail": {"jobName": [{"prefix": self.name}]}}
        events.put_rule(Name=self.name, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=self.name, Targets=[{"Id": "f", "Arn": self.arn}])

    def _function(self) -> str:
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        may = {"Effect": "Allow", "Action": ["sns:Publish", "logs:*"], "Resource": "*"}
        iam = self.client("iam")
        documents = [json.dumps({"Version": "2012-10-17", "Statement": [body]}) for body in (trust, may)]
        role = iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=documents[0])["Role"]["Arn"]
        iam.put_role_policy(RoleName=self.name, PolicyName="own", PolicyDocument=documents[1])
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("app.py", HANDLER)
        account = role.split(":")[4]
        queue = f"arn:aws:sqs:{self.topic.split(':')[3]}:{account}:{self.name}"
        function = self.client("lambda").create_function(
            FunctionName=self.name,
            Runtime="python3.13",
            Role=role,
            Handler="app.handler",
            Timeout=20,
            Code={"ZipFile": code.getvalue()},
            Environment={"Variables": {"TOPIC": self.topic}},
            DeadLetterConfig={"TargetArn": queue},
        )
        return str(function["FunctionArn"])

    def put(self, state: str) -> None:
        detail = json.dumps({"jobName": f"{self.name}-job", "state": state})
        entry = {"Source": "aws.glue", "DetailType": "Glue Job State Change", "Detail": detail}
        self.client("events").put_events(Entries=[entry])


def _eventually(read: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + _SECONDS
    while not (value := read()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return value


def test_event_calls_the_function_whose_message_reaches_the_inbox(
    local_env: Environment, client: Client, tmp_path_factory: pytest.TempPathFactory
) -> None:
    deployed = Deployed(client)
    folder = next(tmp_path_factory.getbasetemp().glob("platform*"))
    deployed.put("FAILED")
    file: Path = inbox_file(folder / "data")
    (mail,) = _eventually(lambda: [mail for mail in mails(file) if mail.topic == deployed.name])
    assert (mail.to, mail.subject) == ("team@company.com", "Glue Job State Change")
    assert mail.text == f"arn:aws:sts::{local_env.account}:assumed-role/{deployed.name}/{deployed.name}"
    read_log, group = client("logs").filter_log_events, f"/aws/lambda/{deployed.name}"
    logs = _eventually(lambda: read_log(logGroupName=group)["events"])
    assert "called {'jobName'" in logs[0]["message"]


def test_event_that_no_call_takes_goes_to_the_dead_letters(client: Client) -> None:
    deployed = Deployed(client)
    deployed.put("BAD")
    receive = client("sqs").receive_message
    (letter,) = _eventually(lambda: receive(QueueUrl=deployed.queue).get("Messages"))
    assert json.loads(letter["Body"])["detail"]["state"] == "BAD"
    answer = client("lambda").invoke(
        FunctionName=deployed.name, Payload=json.dumps({"detail": {"state": "BAD"}})
    )
    assert answer["FunctionError"] == "Unhandled"
    error = json.loads(answer["Payload"].read())
    assert error == {"errorMessage": "no such state", "errorType": "ValueError"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(15 minutes)", datetime(2026, 11, 27, 8, 15, tzinfo=UTC)),
        ("rate(1 hour)", datetime(2026, 11, 27, 9, 0, tzinfo=UTC)),
        ("cron(0 6 * * ? *)", datetime(2026, 11, 28, 6, 0, tzinfo=UTC)),
        # AWS counts weekdays from Sunday as 1: 2 is Monday.
        ("cron(30 7 ? * 2 *)", datetime(2026, 11, 30, 7, 30, tzinfo=UTC)),
        ("every day", None),
    ],
)
def test_schedule_comes_next_as_eventbridge_reads_it(expression: str, expected: datetime | None) -> None:
    assert next_time(expression, datetime(2026, 11, 27, 8, 0, tzinfo=UTC)) == expected


def test_rate_counts_from_the_last_time() -> None:
    first = next_time("rate(1 day)", datetime(2026, 11, 27, tzinfo=UTC))
    assert first == datetime(2026, 11, 27, tzinfo=UTC) + timedelta(days=1)
