"""The parts that jobs are made of, as Terraform would read them; of this tree or of another."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from cdktf import App

from infra.facts import Facts
from infra.parts.catalog.catalog import add_catalog
from infra.parts.encryption.keys import add_keys
from infra.parts.encryption.secrets import add_secrets
from infra.parts.jobs.jobs import add_jobs
from infra.parts.network.network import add_network
from infra.parts.storage.artifacts import add_artifacts
from infra.parts.storage.state import add_state
from infra.parts.storage.zones import add_storage
from infra.platform_stack import PlatformStack
from lakehouse.project import MARKER, project_root
from tests.infra.iam import Policies
from tests.infra.synthesis import document, synthesized_once

# What a project is made of.
TREE = (MARKER, "environments", "schemas", "pipelines", "lakeformation")


def job_stack(env: str, root: Path | None = None) -> dict[str, Any]:
    """The document of the parts that jobs need; of this project, or of the one at `root`."""
    return document(synthesized_once("jobs", _job_parts, env, root))


def _job_parts(facts: Facts, outdir: Path) -> Path:
    app = App(outdir=str(outdir))
    stack = PlatformStack(app, facts)
    keys = add_keys(stack)
    zones = add_storage(stack, keys)
    network = add_network(stack, keys)
    add_state(stack, keys)
    secrets = add_secrets(stack, keys)
    artifacts = add_artifacts(stack, keys, zones)
    add_jobs(stack, keys, network, artifacts, add_catalog(stack, keys, zones, network, secrets))
    app.synth()
    return Path(app.outdir) / "stacks" / stack.node.id


def copied(to: Path) -> Path:
    """A copy of this project, to be changed."""
    to.mkdir(parents=True, exist_ok=True)
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
        f"{kind}.{name}": body
        for kind, bodies in document["resource"].items()
        for name, body in bodies.items()
    }


def policies_of(document: dict[str, Any], job: str) -> Policies:
    """What the role of a job may: its own policy and the one that all share."""
    resources = document["resource"]
    policy = json.loads(resources["aws_iam_role_policy"][f"policy_job_{job}"]["policy"])
    assert (
        resources["aws_iam_role_policy_attachment"][f"base_job_{job}"]["policy_arn"]
        == "${aws_iam_policy.policy_jobs.arn}"
    )
    return Policies((policy, json.loads(resources["aws_iam_policy"]["policy_jobs"]["policy"])))
