"""Executes state machines by moto's interpreter, with the Glue and the DynamoDB of moto."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import boto3
from moto import mock_aws

from glue_jobs.state.run_row import RunRow, to_item
from infra.facts import Facts
from infra.parts.orchestration.state_machine import definition
from lakehouse.environments import Environment, names
from lakehouse.environments.control import table_definition
from lakehouse.environments.model import Aws
from lakehouse.environments.names import Control
from lakehouse.orchestration.specs import DagSpec
from local_aws.step_functions.interpreter import install

_SECONDS = 60
_ROLE = "arn:aws:iam::123456789012:role/state_machines"


def without_airflow(facts: Facts) -> Facts:
    """The facts without Airflow, in moto's account."""
    stack = facts.env.stack.model_copy(update={"orchestrator": "none"})
    keys = Aws(access_key="testing", secret_key="testing")
    env = facts.env.model_copy(update={"stack": stack, "account": "123456789012", "aws": keys})
    return replace(facts, env=env)


class Executions:
    """The account of one test."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self._session = boto3.Session("testing", "testing", region_name=env.region)
        self.states = self._session.client("stepfunctions")
        self.glue = self._session.client("glue")
        self.dynamodb = self._session.client("dynamodb")
        self.dynamodb.create_table(**table_definition(env, Control.AUDIT))

    def deploy(self, jobs: Iterable[str]) -> None:
        """Glue jobs. A run of a job that is not deployed fails, as each other failure of a run does."""
        for job in jobs:
            command = {"Name": "glueetl", "ScriptLocation": "s3://scripts/run.py"}
            self.glue.create_job(Name=names.glue_job(self.env, job), Role=_ROLE, Command=command)

    def audited(self, job: str, day: str, status: str = "SUCCEEDED", at: str = "2026-01-01T05:00:00") -> None:
        """A row of the audit."""
        row = {
            "pk": f"{job} {at}",
            "job": job,
            "run_date": day,
            "started_at": at,
            "status": status,
            "kind": "run",
        }
        table = names.control_table(self.env, Control.AUDIT)
        self.dynamodb.put_item(TableName=table, Item={key: {"S": text} for key, text in row.items()})

    def add_row(self, row: RunRow) -> None:
        """A whole row of the audit."""
        item = {key: value for key, value in to_item(row).items() if not isinstance(value, float)}
        table = self._session.resource("dynamodb").Table(names.control_table(self.env, Control.AUDIT))
        table.put_item(Item={**item, "started_at": row.started_at})

    def create(self, spec: DagSpec) -> None:
        """The state machine of a DAG, by its name in the stack."""
        text = json.dumps(definition(self.env, spec))
        name = names.state_machine(self.env, spec.dag_id)
        self.states.create_state_machine(name=name, definition=text, roleArn=_ROLE)

    def execute(self, spec: DagSpec, given: dict[str, str]) -> dict[str, Any]:
        """The ended execution, as DescribeExecution shows it."""
        name = f"{spec.dag_id}-{time.monotonic_ns()}"
        text = json.dumps(definition(self.env, spec))
        machine = self.states.create_state_machine(name=name, definition=text, roleArn=_ROLE)
        started = self.states.start_execution(
            stateMachineArn=machine["stateMachineArn"], input=json.dumps(given)
        )
        deadline = time.monotonic() + _SECONDS
        while True:
            shown: dict[str, Any] = self.states.describe_execution(executionArn=started["executionArn"])
            if shown["status"] != "RUNNING" or time.monotonic() > deadline:
                return shown
            time.sleep(0.05)

    def runs(self, job: str) -> list[dict[str, str]]:
        """The arguments of the runs of a job."""
        answer = self.glue.get_job_runs(JobName=names.glue_job(self.env, job))
        return [run.get("Arguments", {}) for run in answer["JobRuns"]]


@contextmanager
def executions(env: Environment) -> Iterator[Executions]:
    """An account of its own, whose state machines are executed."""
    install()
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield Executions(env)
