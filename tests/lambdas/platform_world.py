"""One environment's AWS for tests of the functions."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import boto3
from moto.glue.models import glue_backends

from infra.facts import Facts
from infra.parts.alerting import job_catalog
from lakehouse.environments import names
from lakehouse.environments.model import Environment
from tests.lambdas.slack_server import SlackServer

ACCOUNT = "123456789012"


SLACK_TOKEN = "xoxb-123456789-abcdefgh"


@cache
def _client(service: str, region: str, endpoint: str) -> Any:
    session: Any = boto3.Session("testing", "testing", region_name=region)
    return session.client(service, endpoint_url=endpoint)


@dataclass
class World:
    """One environment's AWS. `env` is for the jobs' code, `variables` for the functions."""

    env: Environment
    facts: Facts
    slack: SlackServer
    variables: dict[str, str]
    queues: dict[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        return _client(service, self.env.region, str(self.env.aws.endpoint))

    def received(self, queue: str) -> list[dict[str, Any]]:
        """Receives and deletes all messages of a queue."""
        sqs, bodies = self.client("sqs"), []
        while messages := sqs.receive_message(QueueUrl=self.queues[queue], MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                bodies.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.queues[queue], ReceiptHandle=message["ReceiptHandle"])
        return bodies

    def published(self) -> list[dict[str, Any]]:
        """The JSON messages of the owners' topic, with their address as `to`."""
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
        """Starts a Glue run and sets its state in moto, which only records runs. Returns its id."""
        name = names.glue_job(self.env, job)
        arguments = {"--run-date": run_date.isoformat()} if run_date else {}
        run_id = self.client("glue").start_job_run(JobName=name, Arguments=arguments)["JobRunId"]
        job_run = glue_backends[ACCOUNT][self.env.region].jobs[name].job_runs[-1]
        job_run.started_on = at or datetime.now(UTC)
        as_dict = job_run.as_dict
        extra = {"JobRunState": state, "ExecutionTime": seconds, **({"ErrorMessage": error} if error else {})}
        job_run.as_dict = lambda: {**as_dict(), **extra}
        return str(run_id)

    def make_job(self, job: str) -> None:
        """Creates the Glue job."""
        name = names.glue_job(self.env, job)
        command = {"Name": "glueetl", "ScriptLocation": "s3://x/run.py"}
        self.client("glue").create_job(
            Name=name,
            Role="arn:aws:iam::123456789012:role/x",
            Command=command,
            ExecutionProperty={"MaxConcurrentRuns": 100},
        )

    def write_job_catalog(self, change: Callable[[dict[str, Any]], None] | None = None) -> None:
        """Uploads the job catalog, after `change` has edited the document."""
        document = job_catalog.document(self.facts)
        if change:
            change(document)
        bucket = self.variables["JOB_CATALOG_BUCKET"]
        self.client("s3").put_object(
            Bucket=bucket, Key=self.variables["JOB_CATALOG_KEY"], Body=json.dumps(document).encode()
        )
