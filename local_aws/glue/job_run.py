"""The record of one run of a job, as GetJobRun shows it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WAITING, STARTING, RUNNING, STOPPING = "WAITING", "STARTING", "RUNNING", "STOPPING"
SUCCEEDED, FAILED, TIMEOUT, STOPPED, ERROR = "SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED", "ERROR"
ENDED = frozenset({SUCCEEDED, FAILED, TIMEOUT, STOPPED, ERROR})
# A batch run that names no timeout ends after two days; Glue 5 and newer: after eight hours.
_DEFAULT_TIMEOUT = 480
STREAMING = "gluestreaming"


@dataclass(frozen=True)
class RunRequest:
    """What StartJobRun was asked for, with what it left out taken from the job's definition.

    `arguments` are those of the run alone; `timeout` is in minutes, None without an end.
    """

    account: str
    region: str
    job_name: str
    role: str
    script: str
    command: str
    glue_version: str
    execution_class: str
    default_arguments: Mapping[str, str]
    arguments: Mapping[str, str]
    fixed_arguments: Mapping[str, str]
    worker_type: str
    workers: int
    timeout: int | None
    max_retries: int
    notification: Mapping[str, Any] = field(default_factory=dict)
    security_configuration: str | None = None
    maintenance_window: str | None = None

    @property
    def is_streaming(self) -> bool:
        return self.command == STREAMING


def timeout_of(minutes: int | None, command: str) -> int | None:
    """The timeout in minutes; a streaming job has none unless it states one."""
    return minutes or (None if command == STREAMING else _DEFAULT_TIMEOUT)


def new_run_id() -> str:
    return f"jr_{secrets.token_hex(32)}"


@dataclass
class JobRun:
    """One attempt of a run. Times are seconds since the epoch; `dpu` is what Glue would bill a second."""

    id: str
    request: RunRequest
    dpu: float
    attempt: int = 0
    previous_id: str | None = None
    state: str = STARTING
    error: str = ""
    started: float = field(default_factory=time.time)
    modified: float = field(default_factory=time.time)
    completed: float | None = None
    executing_since: float | None = None

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @property
    def execution_seconds(self) -> int:
        """How long the run has consumed resources, in whole seconds."""
        if self.executing_since is None:
            return 0
        return round((self.completed or time.time()) - self.executing_since)

    def become(self, state: str, error: str = "") -> None:
        self.modified = time.time()
        if state in ENDED:
            self.completed = self.modified
        if state == RUNNING:
            self.executing_since = self.modified
        self.error = error
        self.state = state

    def as_dict(self, billed: bool) -> dict[str, Any]:
        """The run in Glue's own shape. Glue states DPU-seconds of flexible and auto-scaled runs only."""
        request = self.request
        shown = {
            "Id": self.id,
            "Attempt": self.attempt,
            "PreviousRunId": self.previous_id,
            "JobName": request.job_name,
            "JobMode": "SCRIPT",
            "StartedOn": self.started,
            "LastModifiedOn": self.modified,
            "CompletedOn": self.completed,
            "JobRunState": self.state,
            "Arguments": dict(request.arguments) or None,
            "ErrorMessage": self.error or None,
            "PredecessorRuns": [],
            "AllocatedCapacity": int(self.dpu),
            "ExecutionTime": self.execution_seconds,
            "Timeout": request.timeout,
            "MaxCapacity": self.dpu,
            "WorkerType": request.worker_type,
            "NumberOfWorkers": request.workers,
            "SecurityConfiguration": request.security_configuration,
            "LogGroupName": "/aws-glue/jobs",
            "NotificationProperty": dict(request.notification) or None,
            "GlueVersion": request.glue_version,
            "ExecutionClass": request.execution_class,
            "MaintenanceWindow": request.maintenance_window,
            "DPUSeconds": self.dpu * self.execution_seconds if billed and self.has_ended else None,
        }
        return {key: value for key, value in shown.items() if value is not None}
