"""Runs of small scripts on the embedded Glue."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from lakehouse.environments import Environment, load_environment
from lakehouse.project import Project
from local_aws.glue.capacity import Machine
from local_aws.glue.host import GlueFolders, GlueHost
from local_aws.glue.job_run import JobRun, RunRequest
from local_aws.glue.runs import JobRuns
from local_aws.java import java_home
from local_aws.local_platform import LocalPlatform
from tests.local_aws.glue.roles import make_role

_SECONDS = 60
# A minute of a timeout lasts so many seconds here.
MINUTE = 0.05


@dataclass
class Scripts:
    """Starts scripts as jobs of a Glue with two cores. `exists`: whether the jobs are still defined."""

    runs: JobRuns
    host: GlueHost
    s3: Any
    bucket: str
    env: Environment
    exists: bool = True
    _count: int = field(default=0)

    def request(self, text: str, **changes: Any) -> RunRequest:
        """A run of the script's text."""
        self._count += 1
        key = f"scripts/{self._count}/job.py"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())
        request = RunRequest(
            account=self.env.account,
            region=self.env.region,
            job_name=f"job-{self._count}",
            role="job",
            script=f"s3://{self.bucket}/{key}",
            command="glueetl",
            glue_version="5.1",
            execution_class="STANDARD",
            default_arguments={},
            arguments={},
            fixed_arguments={},
            worker_type="G.1X",
            workers=2,
            timeout=None,
            max_retries=0,
        )
        return replace(request, **changes)

    def start(self, request: RunRequest, most: int = 1) -> JobRun:
        return self.runs.start(request, most, lambda: self.exists)

    def run(self, text: str, **changes: Any) -> JobRun:
        """The ended run of a script."""
        return ended(self.start(self.request(text, **changes)))

    def output(self, run: JobRun, kind: str = "output", prefix: str = "/aws-glue/jobs") -> list[str]:
        """The lines of the run in CloudWatch."""
        logs = self.host.client("logs", self.env.region)
        answer = logs.get_log_events(
            logGroupName=f"{prefix}/{kind}", logStreamName=run.id, startFromHead=True
        )
        return [event["message"] for event in answer["events"]]


def ended(run: JobRun) -> JobRun:
    """The run, when it has ended."""
    return reached(run, lambda: run.has_ended)


def reached(run: JobRun, condition: Callable[[], bool]) -> JobRun:
    deadline = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{run.state} {run.error}"
        time.sleep(0.02)
    return run


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPlatform]:
    """An empty embedded AWS without the source systems: most of these tests start no Spark."""
    platform = LocalPlatform.start(
        load_environment("local"), tmp_path_factory.mktemp("glue"), only=("aws",), empty_account=True
    )
    yield platform
    platform.stop()


@pytest.fixture
def scripts(account: LocalPlatform, tmp_path: Path) -> Iterator[Scripts]:
    folders = GlueFolders(
        runs=tmp_path / "runs",
        modules=tmp_path / "modules",
        spark_jars=Project.find().cache / "jars" / "spark",
        java_home=java_home(),
    )
    env, bucket = load_environment("local"), f"scripts-{os.urandom(4).hex()}"
    host = GlueHost(folders, f"http://127.0.0.1:{account.ports['aws']}", Machine(2, 8192), MINUTE)
    runs, s3 = JobRuns(host), host.client("s3", env.region)
    make_role(host.client("iam", env.region), "job")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": env.region})
    yield Scripts(runs, host, s3, bucket, env)
    runs.end_all()
