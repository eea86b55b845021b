"""Jobs of this project, deployed onto the embedded AWS as the stack defines them, without Terraform."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from cli.deploy.jars import upload_jars
from cli.deploy.releases import upload_release
from infra.build.make import build
from infra.build.release import working_release
from infra.facts import read_facts
from lakehouse.environments import Environment, names
from lakehouse.pipelines.job_jars import job_jars
from lakehouse.project import project_root
from local_aws.bootstrap import session_client
from local_aws.iam.record import Entry, entries, record_file
from tests.deployed.deployed_rights import DeployedRights

_SECONDS = 300


@dataclass(frozen=True)
class DeployedJobs:
    """The environment `local` of an embedded AWS with the release of this tree, or of that at `root`."""

    env: Environment
    overlay: Path
    root: Path | None = None

    @cached_property
    def rights(self) -> DeployedRights:
        """Keys, roles and policies."""
        return DeployedRights(self.client, self.root)

    @property
    def refusals(self) -> list[Entry]:
        """What IAM has refused."""
        return [entry for entry in entries(record_file(self.overlay.parent / "data")) if entry.message]

    @property
    def logs(self) -> Path:
        """The folder for the logs of commands."""
        return self.overlay.parent / "command-logs"

    def client(self, service: str) -> Any:
        assert self.env.aws.endpoint
        return session_client(self.env, service, self.env.aws.endpoint, "testing")

    def upload(self) -> None:
        """The wheel, its dependencies, the script and the bundle, built and stored as a deploy does."""
        root = self.root or project_root()
        build(root)
        upload_release(self.env, root, working_release(root).digest)
        logs = self.rights.resources["aws_s3_object"]["artifact_executor_logs"]
        bucket = names.bucket(self.env, names.Zone.ARTIFACTS)
        self.client("s3").put_object(Bucket=bucket, Key=logs["key"], Body=logs["content"].encode())
        facts = read_facts("local", self.root)
        upload_jars(
            self.env, (jar for job in facts.jobs for jar in job_jars(job, facts.schemas, self.env)), None
        )

    def create(self, *jobs: str, **changes: Any) -> None:
        """The Glue jobs and their roles, with the values that Terraform would give."""
        for job in jobs:
            definition = self.rights.resources["aws_glue_job"][f"job_{job}"]
            role = self.rights.role(job)
            self.client("glue").create_job(**{**_parameters(definition), "Role": role, **changes})

    def start(self, job: str, run_date: date, **arguments: str) -> str:
        """The id of a new run."""
        named = {f"--{name}": value for name, value in {"run-date": str(run_date), **arguments}.items()}
        answer = self.client("glue").start_job_run(JobName=names.glue_job(self.env, job), Arguments=named)
        return str(answer["JobRunId"])

    def lakehouse(
        self, *words: str, timeout: float = 300, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """A command of the product in this world, with these variables too."""
        return subprocess.run(
            [sys.executable, "-m", "cli", *words],
            cwd=project_root(),
            env={
                **os.environ,
                "LAKEHOUSE_OVERLAY": str(self.overlay),
                "LAKEHOUSE_LOGS": str(self.logs),
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    def run(self, job: str, run_date: date, **arguments: str) -> dict[str, Any]:
        """The ended run, as GetJobRun shows it."""
        return self.ended(job, self.start(job, run_date, **arguments))

    def ended(self, job: str, run_id: str) -> dict[str, Any]:
        """The run, once it has ended."""
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            name = names.glue_job(self.env, job)
            run: dict[str, Any] = self.client("glue").get_job_run(JobName=name, RunId=run_id)["JobRun"]
            if "CompletedOn" in run:
                return run
            time.sleep(0.5)
        raise AssertionError(f"{job} has not ended: {run}\n{self.log(run_id)}")

    def runs(self, job: str) -> list[dict[str, Any]]:
        """All runs of a job, the newest first."""
        answer = self.client("glue").get_job_runs(JobName=names.glue_job(self.env, job))
        runs: list[dict[str, Any]] = answer["JobRuns"]
        return runs

    def log(self, run_id: str, stream: str = "error") -> str:
        """What the run wrote to CloudWatch."""
        group = f"{names.log_group(self.env, 'jobs')}/{stream}"
        logs = self.client("logs")
        answer = logs.get_log_events(logGroupName=group, logStreamName=run_id, startFromHead=True)
        return "\n".join(event["message"] for event in answer["events"])


def _parameters(definition: dict[str, Any]) -> dict[str, Any]:
    """The parameters of CreateJob for a job as Terraform states it."""
    command = definition["command"]
    stated = {
        "Name": definition["name"],
        "Description": definition["description"],
        "GlueVersion": definition["glue_version"],
        "WorkerType": definition["worker_type"],
        "NumberOfWorkers": definition["number_of_workers"],
        "ExecutionClass": definition["execution_class"],
        "MaxRetries": definition["max_retries"],
        "Timeout": definition.get("timeout"),
        "DefaultArguments": definition["default_arguments"],
        "ExecutionProperty": {"MaxConcurrentRuns": definition["execution_property"]["max_concurrent_runs"]},
        "Command": {
            "Name": command["name"],
            "PythonVersion": command["python_version"],
            "ScriptLocation": command["script_location"],
        },
    }
    return {key: value for key, value in stated.items() if value is not None}
