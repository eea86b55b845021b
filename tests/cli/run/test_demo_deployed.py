"""The demo of the deployed stack: its parts, and at night the whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.run.demo_deployed import require_local, without_release
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from lakehouse.environments import Environment, load_environment, names
from lakehouse.pipelines import load_pipelines
from lakehouse.project import project_root
from local_aws.inbox import inbox_file, mails
from local_aws.local_platform import LocalPlatform
from tests.infra.deployment import require_terraform

RETAIL = load_pipelines()["retail"]
JOB = RETAIL.jobs[0]


@pytest.fixture
def role(local_env: Environment) -> Iterator[Any]:
    """The IAM client, and the role of the job."""
    iam, name = clients(local_env).client("iam"), names.job_role(local_env, JOB.name)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    yield iam
    iam.delete_role(RoleName=name)


def test_right_is_taken_away_for_the_length_of_the_block_alone(local_env: Environment, role: Any) -> None:
    name = names.job_role(local_env, JOB.name)

    def fail_without_release() -> None:
        with without_release(local_env, JOB):
            (policy,) = role.list_role_policies(RoleName=name)["PolicyNames"]
            document = role.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            (statement,) = document["Statement"]
            assert (statement["Effect"], statement["Action"]) == ("Deny", "s3:GetObject")
            assert statement["Resource"].startswith("arn:aws:s3:::lakehouse-local-artifacts-")
            raise KeyError  # whatever happens meanwhile

    with pytest.raises(KeyError):
        fail_without_release()
    assert role.list_role_policies(RoleName=name)["PolicyNames"] == []


def test_no_right_is_taken_away_on_aws() -> None:
    with pytest.raises(RunError, match="RUN643 the demo is for a local world; 'prod' is on AWS"):
        require_local(load_environment("prod"))


def test_makefile_runs_the_demo_that_the_readme_names() -> None:
    makefile = (project_root() / "Makefile").read_text(encoding="utf-8")
    assert "\ndemo-deployed: setup" in makefile
    assert "lakehouse demo --deployed\n" in makefile
    assert "make demo-deployed" in (project_root() / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_demo_of_the_deployed_stack_answers_on_gold_and_shows_an_alert(tmp_path: Path) -> None:
    require_terraform()
    platform = LocalPlatform.start(load_environment("local"), tmp_path, empty_account=True)
    variables = {**os.environ, "LAKEHOUSE_OVERLAY": str(platform.overlay)}
    words = ("demo", "--deployed", "--from", "2017-01-01", "--to", "2017-01-02")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "cli", *words],
            cwd=project_root(),
            env=variables,
            capture_output=True,
            text=True,
            timeout=2100,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        assert "GROCERY" in done.stdout, done.stdout[-3000:]
        (mail,) = mails(inbox_file(tmp_path / "data"))
        assert JOB.name in mail.subject
        assert mail.text in done.stdout
    finally:
        platform.stop()
