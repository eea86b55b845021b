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
from infra.parts.alerting.alarms import alarms
from infra.parts.alerting.cost import cost
from infra.parts.alerting.dashboard import dashboard
from infra.parts.alerting.notifiers import notifiers
from infra.parts.storage.keys import keys
from infra.parts.storage.zones import storage
from infra.platform_stack import House


@cache
def alerting(env: str) -> dict[str, Any]:
    """Kind of resource → name → what Terraform reads."""
    return synthesized(env)


def synthesized(env: str, change: Callable[[Facts], Facts] = lambda facts: facts) -> dict[str, Any]:
    app = App(outdir=mkdtemp())
    house = House(app, change(read_facts(env)))
    by_group = keys(house)
    zips = {name: (f"/build/{name}.zip", f"hash-of-{name}") for name in ("sla_notifier", "sla_checker")}
    told = notifiers(house, by_group, storage(house, by_group), SimpleNamespace(functions=zips))
    alarms(house, told, None)
    dashboard(house)
    cost(house, told)
    app.synth()
    document = json.loads((Path(app.outdir) / "stacks" / house.node.id / "cdk.tf.json").read_text())
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
