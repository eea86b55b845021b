"""The parts that jobs are made of, as Terraform would read them; of this tree or of another."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from cdktf import App

from infra.facts import read_facts
from infra.parts.jobs.jobs import jobs
from infra.parts.network.network import network
from infra.parts.serving.catalog import catalog
from infra.parts.storage.artifacts import artifacts
from infra.parts.storage.keys import keys
from infra.parts.storage.secrets import secrets
from infra.parts.storage.state import state
from infra.parts.storage.zones import storage
from infra.platform_stack import House
from lakehouse.project import project_root
from tests.infra.iam import Policies

# What the stack is made from.
TREE = (
    "facts",
    "environments",
    "schemas",
    "pipelines",
    "lakeformation",
    "glue_jobs",
    "lambdas",
    "mwaa_dags",
    "pyproject.toml",
)


def made(env: str, outdir: Path, root: Path | None = None) -> dict[str, Any]:
    """The whole document."""
    app = App(outdir=str(outdir))
    house = House(app, read_facts(env, root))
    by_group = keys(house)
    zones = storage(house, by_group)
    private = network(house, by_group)
    state(house, by_group)
    containers = secrets(house, by_group)
    code = artifacts(house, by_group, zones)
    jobs(house, by_group, private, code, catalog(house, by_group, zones, private, containers))
    app.synth()
    document: dict[str, Any] = json.loads(
        (Path(app.outdir) / "stacks" / house.node.id / "cdk.tf.json").read_text()
    )
    return document


def copied(to: Path) -> Path:
    """This tree's facts, to be changed."""
    for name in TREE:
        source = project_root() / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, to / name)
    return to


def flat(document: dict[str, Any]) -> dict[str, Any]:
    """Address → body of every resource."""
    return {
        f"{kind}.{name}": body for kind, found in document["resource"].items() for name, body in found.items()
    }


def policies_of(document: dict[str, Any], job: str) -> Policies:
    """What the role of a job may: its own policy and the one that all share."""
    resources = document["resource"]
    own = json.loads(resources["aws_iam_role_policy"][f"policy_job_{job}"]["policy"])
    assert (
        resources["aws_iam_role_policy_attachment"][f"base_job_{job}"]["policy_arn"]
        == "${aws_iam_policy.policy_jobs.arn}"
    )
    return Policies((own, json.loads(resources["aws_iam_policy"]["policy_jobs"]["policy"])))
