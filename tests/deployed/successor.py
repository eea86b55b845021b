"""The environment that takes the place of one whose region is lost, in a copy of the project."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakehouse.environments import Environment, load_environment
from lakehouse.project import CACHE_VARIABLE, VARIABLE, Project
from local_aws.bootstrap import session_client
from tests.deployed.deployed_jobs import DeployedJobs

NAME, THIRD_REGION = "local-two", "eu-north-1"
_FACTS = ("environments", "schemas", "pipelines", "lakeformation", "sample_data")


@dataclass(frozen=True)
class Successor:
    """`root`: the copy of the project. `lost`: the world whose first region does not answer."""

    lost: DeployedJobs
    root: Path

    @classmethod
    def make(cls, lost: DeployedJobs, root: Path) -> Successor:
        own = Project.find()
        for folder in _FACTS:
            shutil.copytree(own.root / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
        marker = (own.root / "lakehouse.yml").read_text(encoding="utf-8")
        marker = marker.replace("environments: [local,", f"environments: [local, {NAME},")
        (root / "lakehouse.yml").write_text(marker, encoding="utf-8")
        facts = (own.environments / "local.yml").read_text(encoding="utf-8")
        regions = f"region: {lost.env.replica_region}\nreplica_region: {THIRD_REGION}"
        facts = re.sub(r"(?m)^name: local$", f"name: {NAME}\n{regions}", facts)
        (root / "environments" / f"{NAME}.yml").write_text(facts, encoding="utf-8")
        if own.build.is_dir():
            shutil.copytree(own.build, root / own.build.name)
        return cls(lost, root)

    @property
    def env(self) -> Environment:
        facts = load_environment(NAME, self.root)
        return facts.model_copy(update={"aws": self.lost.env.aws})

    def client(self, service: str) -> Any:
        assert self.env.aws.endpoint
        return session_client(self.env, service, self.env.aws.endpoint, "testing")

    def lakehouse(self, *words: str) -> subprocess.CompletedProcess[str]:
        variables = {VARIABLE: str(self.root), CACHE_VARIABLE: str(Project.find().cache), "GOGC": "400"}
        return self.lost.lakehouse(*words, timeout=900, **variables)
