"""Checks that the jobs of an environment have a way to every system outside the VPC that they use."""

from __future__ import annotations

from collections.abc import Iterable

from lakehouse.contracts import Schemas
from lakehouse.environments import Environment
from lakehouse.pipelines.job_needs import job_needs
from lakehouse.pipelines.model import Job
from lakehouse.reading.faults import Collector


def check_egress(env: Environment, jobs: Iterable[Job], schemas: Schemas, faults: Collector) -> None:
    """Adds LK510 for each system that jobs use and no entry of `stack.network.reaches` names.

    A world on one machine needs no way; the Lakebase has its own.
    """
    if env.overlay is not None:
        return
    ways = {reach.what for reach in env.stack.network.reaches}
    used = _used_systems(env, jobs, schemas)
    for system, users in used.items():
        if system in ways:
            continue
        first = ", ".join(users[:3]) + (f" and {len(users) - 3} more" if len(users) > 3 else "")
        faults.add(
            "LK510",
            f"no job of '{env.name}' can connect to {system}, which is used by {first}",
            file=faults.root / "environments" / f"{env.name}.yml",
            wanted=f"an entry of stack.network.reaches with `what: {system}`, its addresses and its port",
            value=system,
            among=ways,
        )


def _used_systems(env: Environment, jobs: Iterable[Job], schemas: Schemas) -> dict[str, list[str]]:
    """System → the jobs that read it or publish to it, by the secrets that they need."""
    systems = {
        env.snowflake.secret: "snowflake",
        env.redshift.secret: "redshift",
        env.kafka.secret: "kafka",
    }
    used: dict[str, list[str]] = {}
    for job in jobs:
        if job.runs_in(env):
            for secret in job_needs(job, schemas, env).secrets:
                if secret in systems:
                    used.setdefault(systems[secret], []).append(job.name)
    return used
