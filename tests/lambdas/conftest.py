"""An AWS and a Slack of the tests' own, over real HTTP, and what the functions find there."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.glue.models import glue_backends
from moto.server import ThreadedMotoServer

from infra.facts import Facts, read_facts
from infra.parts.alerting import job_catalog as facts_for_functions
from lakehouse.environments import names
from lakehouse.environments.control import table_definition
from lakehouse.environments.model import Aws, Environment
from lakehouse.environments.names import Control
from tests.lambdas.slack_server import SlackServer

EVENTS = Path(__file__).parent / "events"
ACCOUNT = "123456789012"
SLACK_TOKEN = "xoxb-123456789-abcdefgh"


@dataclass
class Context:
    """What Lambda hands to a function."""

    function_name: str = "lakehouse-prod-sla_notifier"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:x"
    aws_request_id: str = "52fdfc07-2182-154f-163f-5f0f9a621d72"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@dataclass
class World:
    """One environment's AWS: `env` for the jobs' own code, `variables` for the functions."""

    env: Environment
    facts: Facts
    slack: SlackServer
    variables: dict[str, str]
    queues: dict[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        return boto3.client(service, endpoint_url=self.env.aws.endpoint, region_name=self.env.region, **keys)  # type: ignore[call-overload]

    def received(self, queue: str) -> list[dict[str, Any]]:
        """What lies in a queue, and takes it away."""
        sqs, found = self.client("sqs"), []
        while messages := sqs.receive_message(QueueUrl=self.queues[queue], MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.queues[queue], ReceiptHandle=message["ReceiptHandle"])
        return found

    def told(self) -> list[dict[str, Any]]:
        """The topic's messages for programs, with the address as `to`."""
        envelopes = self.received("everything")
        return [{**json.loads(e["Message"]), "to": e["MessageAttributes"]["to"]["Value"]} for e in envelopes]

    def run(
        self,
        job: str,
        state: str,
        *,
        run_date: date | None = None,
        at: datetime | None = None,
        seconds: int = 90,
        error: str = "",
    ) -> str:
        """A Glue run of this state; moto only records runs, so its end is written into its memory."""
        name = names.glue_job(self.env, job)
        arguments = {"--run-date": run_date.isoformat()} if run_date else {}
        run_id = self.client("glue").start_job_run(JobName=name, Arguments=arguments)["JobRunId"]
        made = glue_backends[ACCOUNT][self.env.region].jobs[name].job_runs[-1]
        made.started_on = at or datetime.now(UTC)
        whole = made.as_dict
        extra = {"JobRunState": state, "ExecutionTime": seconds, **({"ErrorMessage": error} if error else {})}
        made.as_dict = lambda: {**whole(), **extra}
        return str(run_id)

    def make_job(self, job: str) -> None:
        name = names.glue_job(self.env, job)
        command = {"Name": "glueetl", "ScriptLocation": "s3://x/run.py"}
        self.client("glue").create_job(
            Name=name,
            Role="arn:aws:iam::123456789012:role/x",
            Command=command,
            ExecutionProperty={"MaxConcurrentRuns": 100},
        )

    def write_watched(self, change: Callable[[dict[str, Any]], None] | None = None) -> None:
        document = facts_for_functions.document(self.facts)
        if change:
            change(document)
        bucket = self.variables["WATCHED_BUCKET"]
        self.client("s3").put_object(
            Bucket=bucket, Key=self.variables["WATCHED_KEY"], Body=json.dumps(document).encode()
        )


@pytest.fixture(scope="session")
def moto_port() -> Iterator[int]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture(scope="session")
def prod_facts() -> Facts:
    return read_facts("prod")


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    server = SlackServer()
    yield server
    server.close()


@pytest.fixture
def world(moto_port: int, prod_facts: Facts, slack: SlackServer, monkeypatch: pytest.MonkeyPatch) -> World:
    """Production, empty, under a project name of its own: every moto server of a process shows the same state."""
    aws = Aws(endpoint=f"http://127.0.0.1:{moto_port}", access_key="testing", secret_key="testing")
    env = prod_facts.env.model_copy(
        update={"project": f"t{uuid.uuid4().hex[:12]}", "aws": aws, "account": ACCOUNT}
    )
    made = World(env, replace(prod_facts, env=env), slack, {})
    topic = _resources(made)
    made.variables |= {
        "ENVIRONMENT": "prod", "ACCOUNT": ACCOUNT, "REGION": env.region, "METRICS_NAMESPACE": names.metrics_namespace(env),
        "WATCHED_BUCKET": "watched-" + env.project, "WATCHED_KEY": names.watched_key(), "OWNER_TOPIC_ARN": topic,
        "UNDELIVERED_URL": made.queues["undelivered"], "TOLD_TABLE": names.told_table(env), "AUDIT_TABLE": names.control_table(env, Control.AUDIT),
        "DOCS_URL": env.stack.alerts.docs_url, "LOG_GROUP": "/jobs/error", "SLACK_SECRET": names.secret(env, "slack"), "SLACK_URL": slack.url, "TELL_SUCCESS": "yes",
    }  # fmt: skip
    made.client("s3").create_bucket(
        Bucket=made.variables["WATCHED_BUCKET"], CreateBucketConfiguration={"LocationConstraint": env.region}
    )
    made.write_watched()
    variables = {
        **made.variables, "AWS_ENDPOINT_URL": str(aws.endpoint), "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": env.region,
    }  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    forget()
    return made


def _resources(world: World) -> str:
    env = world.env
    dynamodb, sqs, sns = world.client("dynamodb"), world.client("sqs"), world.client("sns")
    dynamodb.create_table(**table_definition(env, Control.AUDIT))
    dynamodb.create_table(
        TableName=names.told_table(env), BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    for name in ("undelivered", "everything"):
        world.queues[name] = sqs.create_queue(QueueName=names.queue(env, name))["QueueUrl"]
    topic = str(sns.create_topic(Name=names.owner_topic(env))["TopicArn"])
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{env.region}:{ACCOUNT}:{names.queue(env, 'everything')}",
    )
    world.client("secretsmanager").create_secret(
        Name=names.secret(env, "slack"), SecretString=json.dumps({"token": SLACK_TOKEN})
    )
    return topic


def forget() -> None:
    """What a function keeps between two events of one process."""
    from lambdas.common import aws, job_catalog, slack

    aws.forget()
    slack.forget()
    job_catalog.forget()
    for name in ("lambdas.sla_notifier.handler", "lambdas.sla_checker.handler"):
        if name in sys.modules:
            sys.modules[name]._settings.cache_clear()
            sys.modules[name]._framed.cache_clear()


def event(kind: str, **detail: str) -> dict[str, Any]:
    """A recorded event; only its job and run are replaced."""
    recorded: dict[str, Any] = json.loads((EVENTS / f"{kind}.json").read_text())
    return {**recorded, "detail": {**recorded["detail"], **detail}}


def at(moment: datetime) -> dict[str, Any]:
    return {**json.loads((EVENTS / "scheduled.json").read_text()), "time": moment.isoformat()}


YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
