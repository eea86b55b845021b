"""The parts that tell people, synthesized by themselves, with stand-ins for the functions' zips."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any

from cdktf import App

from infra.facts import Facts, read_facts
from infra.parts.alerting.alarms import add_alarms
from infra.parts.alerting.cost import add_cost
from infra.parts.alerting.dashboard import add_dashboard
from infra.parts.alerting.notifiers import add_notifications
from infra.parts.storage.keys import add_keys
from infra.parts.storage.zones import add_storage
from infra.platform_stack import PlatformStack


@cache
def alerting(env: str) -> dict[str, Any]:
    """Kind of resource → name → what Terraform reads."""
    return synthesized(env)


def synthesized(env: str, change: Callable[[Facts], Facts] = lambda facts: facts) -> dict[str, Any]:
    app = App(outdir=mkdtemp())
    stack = PlatformStack(app, change(read_facts(env)))
    by_group = add_keys(stack)
    zips = {name: (f"/build/{name}.zip", f"hash-of-{name}") for name in ("sla_notifier", "sla_checker")}
    told = add_notifications(stack, by_group, add_storage(stack, by_group), SimpleNamespace(functions=zips))
    add_alarms(stack, told, None)
    add_dashboard(stack)
    add_cost(stack, told)
    app.synth()
    document = json.loads((Path(app.outdir) / "stacks" / stack.node.id / "cdk.tf.json").read_text())
    found: dict[str, Any] = document["resource"]
    return found


def copies_of_pipelines(pipelines: int, jobs: int) -> Callable[[Facts], Facts]:
    """Facts with so many pipelines of so many jobs each."""

    def change(facts: Facts) -> Facts:
        retail = next(p for p in facts.pipelines if p.name == "retail")
        base = retail.jobs[0]
        made = tuple(
            replace(
                retail,
                name=f"p{p}",
                jobs=tuple(replace(base, name=f"job_{p}_{j}", pipeline=f"p{p}") for j in range(jobs)),
            )
            for p in range(pipelines)
        )
        return replace(facts, pipelines=made)

    return change
