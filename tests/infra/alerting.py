"""The parts that tell people, synthesized by themselves, with stand-ins for the functions' zips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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
from infra.parts.encryption.keys import add_keys
from infra.parts.storage.zones import add_storage
from infra.platform_stack import PlatformStack
from tests.infra.synthesis import document, synthesized_once


def alerting(env: str) -> dict[str, Any]:
    """Type of resource → name → what Terraform reads."""
    resources: dict[str, Any] = document(synthesized_once("alerting", _alerting_parts, env))["resource"]
    return resources


def synthesized(env: str, change: Callable[[Facts], Facts]) -> dict[str, Any]:
    """The same of changed facts."""
    resources: dict[str, Any] = document(_alerting_parts(change(read_facts(env)), Path(mkdtemp())))[
        "resource"
    ]
    return resources


def _alerting_parts(facts: Facts, outdir: Path) -> Path:
    app = App(outdir=str(outdir))
    stack = PlatformStack(app, facts)
    keys = add_keys(stack)
    zips = {name: (f"/build/{name}.zip", f"hash-of-{name}") for name in ("sla_notifier", "sla_checker")}
    artifacts = SimpleNamespace(functions=zips)
    notifications = add_notifications(stack, keys, add_storage(stack, keys), artifacts)
    add_alarms(stack, notifications)
    add_dashboard(stack)
    add_cost(stack, notifications)
    app.synth()
    return Path(app.outdir) / "stacks" / stack.node.id


def copies_of_pipelines(pipelines: int, jobs: int) -> Callable[[Facts], Facts]:
    """Facts with so many pipelines of so many jobs each."""

    def change(facts: Facts) -> Facts:
        retail = next(p for p in facts.pipelines if p.name == "retail")
        base = retail.jobs[0]
        copies = tuple(
            replace(
                retail,
                name=f"p{p}",
                jobs=tuple(replace(base, name=f"job_{p}_{j}", pipeline=f"p{p}") for j in range(jobs)),
            )
            for p in range(pipelines)
        )
        return replace(facts, pipelines=copies)

    return change
