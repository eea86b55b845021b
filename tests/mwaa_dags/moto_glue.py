"""An embedded AWS for DAG runs. moto only records Glue runs; here some fail and streams keep running."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
import requests
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.glue.models import FakeJobRun
from moto.server import ThreadedMotoServer
from moto.sns.models import sns_backends

from lakehouse.environments import load_environment, names
from lakehouse.environments.control import table_definition

REGION = "eu-central-1"
PREFIX = "lakehouse-local-"


@dataclass(frozen=True)
class Cloud:
    """The endpoint, and what it has recorded."""

    endpoint: str
    glue: Any
    dynamodb: Any
    topic: str

    @property
    def env(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": REGION,
        }

    def jobs(self) -> set[str]:
        return {job["Name"] for job in self.glue.get_jobs()["Jobs"]}

    def runs(self, job: str) -> list[dict[str, Any]]:
        """The job's runs in the order in which they were started."""
        runs: list[dict[str, Any]] = self.glue.get_job_runs(JobName=f"{PREFIX}{job}")["JobRuns"]
        return sorted(runs, key=lambda run: run["StartedOn"])

    def started(self, day: str) -> list[str]:
        """The jobs that were started for a day, in order."""
        runs = [
            run
            for name in self.jobs()
            for run in self.runs(name.removeprefix(PREFIX))
            if run["Arguments"].get("--run-date") == day
        ]
        return [run["JobName"].removeprefix(PREFIX) for run in sorted(runs, key=lambda run: run["StartedOn"])]

    def audit(self, runs: dict[tuple[str, str], str]) -> None:
        """Write a row of the audit for each (job, day), in this state and after every Glue run."""
        for (job, day), status in runs.items():
            row = {"pk": f"{job} {day}", "kind": "run", "job": job, "run_date": day, "status": status}
            row |= {"started_at": "2999-01-01T00:00:00.000+00:00"}
            row |= {"error": "RUN101 it broke"} if status == "FAILED" else {}
            items = {name: {"S": text} for name, text in row.items()}
            self.dynamodb.put_item(TableName=f"{PREFIX}audit", Item=items)

    def published(self) -> list[tuple[str, str]]:
        """(subject, message) of everything that was published to the alert topic."""
        sent = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics[self.topic].sent_notifications
        return [(subject, message) for _, message, subject, *_ in sent]


@contextmanager
def cloud(jobs: list[str], fails: dict[str, list[str]], patch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Starts the server with these Glue jobs; `fails` as in `_failing_runs`."""
    patch.setattr(FakeJobRun, "__init__", _failing_runs(fails))
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = {
        "region_name": REGION,
        "endpoint_url": f"http://{host}:{port}",
        "aws_access_key_id": "testing",
        "aws_secret_access_key": "testing",
    }
    # Every moto server of a process shares one state, which earlier tests may have filled.
    requests.post(f"{client['endpoint_url']}/moto-api/reset", timeout=10).raise_for_status()
    try:
        glue = boto3.client("glue", **client)  # type: ignore[call-overload]
        for job in jobs:
            arguments = {"--job": job, "--env": "local"}
            command = {"Name": "glueetl"}
            glue.create_job(Name=f"{PREFIX}{job}", Role="role", Command=command, DefaultArguments=arguments)
        sns = boto3.client("sns", **client)  # type: ignore[call-overload]
        topic = sns.create_topic(Name="lakehouse-local-alerts")["TopicArn"]
        dynamodb = boto3.client("dynamodb", **client)  # type: ignore[call-overload]
        dynamodb.create_table(**table_definition(load_environment("local"), names.Control.AUDIT))
        yield Cloud(client["endpoint_url"], glue, dynamodb, topic)
    finally:
        server.stop()


def _failing_runs(fails: dict[str, list[str]]) -> Callable[..., None]:
    """The constructor of a job run whose days in `fails` fail, by job.

    A stream's runs keep running: all but its `first`, or, with `never`, all of them.
    """
    runs: dict[str, int] = {}
    init = FakeJobRun.__init__

    def with_transitions(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        name = self.job_name.removeprefix(PREFIX)
        runs[name] = runs.get(name, 0) + 1
        days = fails.get(name, [])
        if "first" in days or "never" in days:
            self._transitions = (
                [("STARTING", "FAILED")] if runs[name] == 1 and "first" in days else [("STARTING", "RUNNING")]
            )
        elif self.arguments.get("--run-date") in days:
            self._transitions = [("STARTING", "FAILED")]

    return with_transitions
