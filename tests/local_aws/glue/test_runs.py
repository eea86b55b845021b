"""How runs of the embedded Glue are started, queued, stopped and retried, and how each ends."""

from __future__ import annotations

import json
import os
from pathlib import Path

import boto3
import psutil
import pytest

from local_aws.glue.job_run import (
    ERROR,
    FAILED,
    RUNNING,
    STOPPED,
    SUCCEEDED,
    TIMEOUT,
)
from tests.local_aws.glue.conftest import Scripts, ended, reached
from tests.local_aws.glue.roles import VERSION, make_role

SLEEP = "import time\ntime.sleep(300)\n"
BOTO3 = str(Path(boto3.__file__).parents[1])


def test_script_gets_exactly_the_merged_arguments(scripts: Scripts) -> None:
    run = scripts.run(
        "import json, sys\nprint(json.dumps(sys.argv[1:]))\n",
        default_arguments={"--a": "1", "--b": "default"},
        arguments={"--b": "run", "--c": "run"},
        fixed_arguments={"--c": "fixed"},
    )
    assert run.state == SUCCEEDED
    (line,) = scripts.output(run)
    name, run_id = ["--JOB_NAME", run.request.job_name], ["--JOB_RUN_ID", run.id]
    assert json.loads(line) == ["--a", "1", "--b", "run", "--c", "fixed", *name, *run_id]


def test_nothing_of_the_checkout_and_of_its_environment_is_reachable(scripts: Scripts) -> None:
    script = (
        "import json, os, sys\n"
        "print(json.dumps({'cwd': os.getcwd(), 'files': os.listdir(), 'path': sys.path,"
        " 'variables': sorted(os.environ)}))\n"
    )
    run = scripts.run(script)
    seen = json.loads(scripts.output(run)[0])
    root = Path(__file__).parents[3]
    assert seen["files"] == []
    assert not [path for path in (seen["cwd"], *seen["path"]) if Path(path).is_relative_to(root)]
    assert not [name for name in seen["variables"] if name.startswith(("LAKEHOUSE", "PYTEST", "VIRTUAL"))]


@pytest.mark.parametrize("module", ["glue_jobs", "lakehouse", "typer", "moto"])
def test_module_that_the_job_does_not_bring_fails_the_run(scripts: Scripts, module: str) -> None:
    run = scripts.run(f"import {module}\n")
    assert (run.state, run.error) == (FAILED, f"ModuleNotFoundError: No module named '{module}'")
    assert scripts.output(run, "error")[-1] == run.error


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("raise ValueError('no orders')", "ValueError: no orders"),
        ("import sys\nsys.exit(2)", "SystemExit: 2"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "Command failed with exit code 137"),
    ],
)
def test_failed_run_has_the_error_that_glue_shows(scripts: Scripts, script: str, error: str) -> None:
    run = scripts.run(script)
    assert (run.state, run.error) == (FAILED, error)


def test_missing_script_fails_the_run_before_it_starts(scripts: Scripts) -> None:
    run = scripts.run("", script=f"s3://{scripts.bucket}/none.py")
    assert run.state == FAILED
    assert run.error.startswith(f"LAUNCH ERROR | Error downloading from S3 for bucket: {scripts.bucket}")
    assert run.execution_seconds == 0


def test_job_that_was_deleted_before_its_run_started_is_an_error(scripts: Scripts) -> None:
    scripts.exists = False
    assert scripts.run("print(1)").state == ERROR


def test_run_past_its_timeout_ends_and_is_not_retried(scripts: Scripts) -> None:
    run = scripts.run(SLEEP, timeout=1, max_retries=2)
    assert (run.state, run.error) == (TIMEOUT, "Job run timed out")
    assert len(scripts.runs.of((run.request.account, run.request.region, run.request.job_name))) == 1


def test_failed_run_is_retried_under_ids_of_its_attempts(scripts: Scripts) -> None:
    first = scripts.start(scripts.request("raise ValueError()", max_retries=2))
    key = (first.request.account, first.request.region, first.request.job_name)
    reached(first, lambda: len(scripts.runs.of(key)) == 3 and scripts.runs.of(key)[0].has_ended)
    runs = scripts.runs.of(key)
    assert [run.id for run in runs] == [f"{first.id}_attempt_2", f"{first.id}_attempt_1", first.id]
    assert [run.attempt for run in runs] == [2, 1, 0]
    assert runs[0].previous_id == runs[1].id


def test_stopped_run_leaves_no_process(scripts: Scripts) -> None:
    script = "import os, subprocess, sys\nchild = subprocess.Popen(['sleep', '300'])\n"
    script += "print(os.getpid(), child.pid)\nchild.wait()\n"
    run = scripts.start(scripts.request(script))
    reached(run, lambda: run.state == RUNNING)
    log = scripts.host.folders.runs / run.id / "output.log"
    reached(run, lambda: log.exists() and log.read_text().endswith("\n"))
    pids = [int(pid) for pid in log.read_text().split()]
    assert scripts.runs.stop(run)
    assert ended(run).state == STOPPED
    reached(run, lambda: not any(_lives(pid) for pid in pids))
    assert not scripts.runs.stop(run)
    assert not (scripts.host.folders.runs / run.id).exists()


def _lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_run_is_its_roles_session_at_the_embedded_aws(scripts: Scripts) -> None:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION")
    run = scripts.run(f"import os\nprint(*[os.environ[name] for name in {names}])\n")
    key, secret, token, region = scripts.output(run)[0].split()
    keys = {"aws_access_key_id": key, "aws_secret_access_key": secret, "aws_session_token": token}
    caller = scripts.host.client("sts", region, keys).get_caller_identity()["Arn"]
    assert caller == f"arn:aws:sts::{scripts.env.account}:assumed-role/job/GlueJobRunnerSession"
    assert key not in os.environ.values()


def test_role_that_glue_may_not_take_on_fails_the_run(scripts: Scripts) -> None:
    iam = scripts.host.client("iam", scripts.env.region)
    name = f"role-{os.urandom(4).hex()}"
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": VERSION, "Statement": []}))
    for role in (name, "no-such-role"):
        run = scripts.run("print(1)", role=role)
        arn = f"arn:aws:iam::{scripts.env.account}:role/{role}"
        message = f"Role {arn} should be given assume role permissions for Glue Service."
        assert (run.state, run.error) == (FAILED, message)


def test_script_may_what_the_policies_of_its_role_say(scripts: Scripts) -> None:
    iam = scripts.host.client("iam", scripts.env.region)
    make_role(iam, "reader")
    reads = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({"Version": VERSION, "Statement": [reads]})
    iam.put_role_policy(RoleName="reader", PolicyName="all", PolicyDocument=document)
    put = f"s3.put_object(Bucket={scripts.bucket!r}, Key='k', Body=b'x')"
    script = f"import sys\nsys.path.append({BOTO3!r})\nimport boto3\ns3 = boto3.client('s3')\n{put}\n"
    run = scripts.run(script, role="reader")
    assert run.state == FAILED
    assert (
        f'is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::{scripts.bucket}/k"'
        in run.error
    )
