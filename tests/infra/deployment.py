"""A project, deployed by the `cdktf` command and real Terraform onto an embedded AWS of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from infra.facts import Facts, read_facts
from infra.terraform.error import ToolError
from infra.terraform.program import terraform
from lakehouse.environments import Environment, load_environment, names
from lakehouse.environments.reader import OVERLAY
from lakehouse.project import CACHE_VARIABLE, VARIABLE, Project
from local_aws.bootstrap import session_client
from local_aws.local_platform import LocalPlatform
from tests.cli.calls import Answer

# An S3 lifecycle takes Terraform longer than this to confirm; everything that it does not wait for exists by
# then.
INTERRUPT_AFTER = ("lifecycle_gold", "30s elapsed")
_CDKTF, _LAKEHOUSE = "cli.deploy.cdktf", "cli"


def require_terraform() -> None:
    """Skips the calling module without Terraform. In CI that is an error: a proof must not be left out."""
    try:
        terraform()
    except ToolError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"nothing is applied here: {error}", allow_module_level=True)


@dataclass(frozen=True)
class Deployment:
    """The environment `local` of a project, in an account that was empty."""

    project: Project
    platform: LocalPlatform
    env: Environment

    @property
    def stack(self) -> Path:
        """The folder that `cdktf` synthesizes into."""
        return self.project.synthesized / "stacks" / f"{self.env.project}-local"

    @cached_property
    def facts(self) -> Facts:
        return read_facts("local", self.project.root)

    def cdktf(self, *arguments: str) -> Answer:
        """`cdktf ARGUMENTS --env local`, in the folder of the project."""
        return self._run(_CDKTF, *arguments)

    def lakehouse(self, *arguments: str) -> Answer:
        """`lakehouse ARGUMENTS --env local`, in the folder of the project."""
        return self._run(_LAKEHOUSE, *arguments)

    def interrupted_deploy(self) -> Answer:
        """A deploy that gets Ctrl-C while Terraform waits for AWS, as its log says."""
        process = self._start(_CDKTF, "deploy")
        while process.poll() is None and not self._waits_for_aws():
            time.sleep(0.2)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=600)
        return Answer(process.returncode, out, err)

    def _waits_for_aws(self) -> bool:
        logs = (self.project.local / "logs").glob("terraform-local-apply-*.log")
        lines = [line for log in logs for line in log.read_text().splitlines()]
        return any(all(text in line for text in INTERRUPT_AFTER) for line in lines)

    def finishing_deploy(self) -> Answer:
        """A deploy after an interrupt. Adopts first what AWS was making just then, as the error says."""
        while "RUN511" in (answer := self.cdktf("deploy")).err:
            addresses = re.search(r"`cdktf adopt --env local (.+?)`", answer.err)
            assert addresses is not None, answer.err
            adoption = self.cdktf("adopt", *addresses[1].split())
            assert adoption.code == 0, adoption.out[-3000:] + adoption.err
        return answer

    def client(self, service: str, region: str | None = None) -> Any:
        assert self.env.aws.endpoint
        env = self.env.model_copy(update={"region": region or self.env.region})
        return session_client(env, service, self.env.aws.endpoint, "testing")

    def state_text(self) -> str:
        """Terraform's state as it lies in its bucket."""
        bucket = names.state_bucket(self.env)
        body = self.client("s3").get_object(Bucket=bucket, Key="stack.tfstate")["Body"].read()
        return str(body.decode())

    def ids(self) -> dict[str, str]:
        """Address → id of each resource in Terraform's state; of its first instance."""
        resources = json.loads(self.state_text())["resources"]
        managed = [r for r in resources if r["mode"] == "managed" and r["instances"]]
        return {f"{r['type']}.{r['name']}": r["instances"][0]["attributes"]["id"] for r in managed}

    def _run(self, module: str, *arguments: str) -> Answer:
        process = self._start(module, *arguments)
        out, err = process.communicate(timeout=900)
        return Answer(process.returncode, out, err)

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[str]:
        variables = {
            **os.environ,
            OVERLAY: str(self.platform.overlay),
            VARIABLE: str(self.project.root),
            CACHE_VARIABLE: str(Project.find().cache),
            # Terraform and its provider hold 1,500 schemas, which Go would look through again and again.
            "GOGC": "400",
        }
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments, "--env", "local"],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


@contextmanager
def deployment(project: Project, workdir: Path) -> Iterator[Deployment]:
    """An embedded AWS with nothing in it, for a project; LAKEHOUSE_OVERLAY names it meanwhile."""
    env = load_environment("local", project.root)
    platform = LocalPlatform.start(env, workdir, only=("aws",), empty_account=True)
    before = os.environ.get(OVERLAY)
    os.environ[OVERLAY] = str(platform.overlay)
    try:
        yield Deployment(project, platform, load_environment("local", project.root))
    finally:
        del os.environ[OVERLAY]
        if before is not None:
            os.environ[OVERLAY] = before
        platform.stop()
