"""An execution of the state machine of a DAG, where there is no Airflow."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from cli.run.deployed_log import RunLog
from cli.run.deployed_unit import SUCCEEDED, DeployedUnit
from cli.run.execution_history import Progress, ended_as, progress
from cli.run.outcome import Outcome
from cli.run.show import error_line
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from lakehouse.environments import names
from lakehouse.orchestration.specs import DagSpec

CODE = "RUN645"
_STATUS = {SUCCEEDED: "done", "SKIPPED": "skipped"}


@dataclass
class MachineUnit(DeployedUnit):
    """Is given a date alone, and does all that it does by its schedule: waits, retries, order."""

    _execution: str = field(default="", init=False, repr=False)
    _logs: dict[str, RunLog] = field(default_factory=dict, init=False, repr=False)

    @property
    def _dag(self) -> DagSpec:
        assert self.unit.dag
        return self.unit.dag

    @property
    def name(self) -> str:
        """The state machine's."""
        return names.state_machine(self.env, self._dag.dag_id)

    @cached_property
    def _states(self) -> Any:
        return clients(self.env).client("stepfunctions")

    def start(self) -> None:
        day = self.request.run_date.isoformat()
        machine = f"arn:aws:states:{self.env.region}:{self.env.account}:stateMachine:{self.name}"
        try:
            answer = self._states.start_execution(
                stateMachineArn=machine,
                # With a name of its own, a call that botocore repeats starts one execution.
                name=f"run-{day}-{uuid.uuid4().hex[:12]}",
                input=json.dumps({"run_date": day}),
            )
        except ClientError as error:
            code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
            hint = f"; deploy first: `lakehouse deploy --env {self.env.name}`"
            missing = hint if code == "StateMachineDoesNotExist" else ""
            raise RunError(
                f"{self.name} starts no execution: {code}: {message}{missing}", code=CODE
            ) from None
        self._execution = answer["executionArn"]

    def look(self) -> bool:
        shown = self._states.describe_execution(executionArn=self._execution)
        pages = self._states.get_paginator("get_execution_history")
        events = [e for page in pages.paginate(executionArn=self._execution) for e in page["events"]]
        self._note(progress(events), shown["startDate"])
        if shown["status"] == "RUNNING":
            return False
        for log in self._logs.values():
            log.copy_new_lines()
        self._end(shown)
        return True

    def _note(self, stands: Progress, since: datetime) -> None:
        if fused := self._dag.fused:
            self._note_run(fused.job.name, self.own[0], since)
            return
        for outcome in self.own:
            if (ended := stands.ended.get(outcome.job)) is not None:
                outcome.status, outcome.detail = _STATUS.get(ended, "failed"), ""
            elif (state := stands.at.get(outcome.job)) is not None:
                outcome.status, outcome.detail = "running", state
                if not state:
                    self._note_run(outcome.job, outcome, since)
            else:
                outcome.status, outcome.detail = "waiting", ""

    def _note_run(self, job: str, outcome: Outcome, since: datetime) -> None:
        """The seconds and the last line of the Glue run that the execution has started."""
        name, day = names.glue_job(self.env, job), self.request.run_date.isoformat()
        try:
            runs = clients(self.env).glue.get_job_runs(JobName=name, MaxResults=5)["JobRuns"]
        except ClientError:
            return  # no such job: the execution ends with it
        for run in runs:
            if run["StartedOn"] >= since and run.get("Arguments", {}).get("--run-date") == day:
                log = self._logs.setdefault(run["Id"], RunLog(self.env, run["Id"], self.log))
                outcome.seconds = float(run.get("ExecutionTime", 0))
                outcome.detail = log.copy_new_lines() or outcome.detail or run["JobRunState"]
                return

    def _end(self, shown: dict[str, Any]) -> None:
        ended, failure = ended_as(shown)
        since: datetime = shown["startDate"]
        if self._dag.fused:
            self.end_together(since, failure)
            return
        for outcome in self.own:
            outcome.detail = ""
            state = ended.get(outcome.job, "")
            outcome.status = _STATUS.get(
                state, "failed" if state or outcome.status == "running" else "skipped"
            )
            row = self.row_of(outcome, since) if outcome.status != "skipped" else None
            outcome.seconds = row.seconds if row else outcome.seconds
            if outcome.status == "failed":
                outcome.error = (
                    error_line(row) if row and row.error else _text(state, failure, self._execution)
                )
        if failure and all(outcome.status in ("done", "skipped") for outcome in self.own):
            self.own[0].status, self.own[0].error = "failed", _text("", failure, self._execution)


def _text(state: str, failure: str, execution: str) -> str:
    if state == "WAITED_IN_VAIN":
        failure = "the jobs of other DAGs that it waits for have not succeeded for this day"
    return f"{failure or state} ({execution})"
