"""Starts each job of an environment once, to try what it needs under its own role and in its own network."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from cli.run.request import JobsRequest
from lakehouse.environments import Environment
from lakehouse.pipelines import Job


def smoke(env: Environment, jobs: Sequence[Job], *, quiet: bool) -> dict[str, str]:
    """Job → what does not work; empty where all does.

    Deployed jobs run at the same time. In a local world without deployed jobs this process tries their needs
    itself, with its own rights. Raises RunError (RUN521) where some are not deployed.
    """
    from cli.run.deployed import run_deployed
    from cli.run.where import runs_here

    if runs_here(env, jobs, here=False):
        return _tried_here(env, jobs)
    # None waits for another: each is tried.
    alone = [replace(job, depends_on=()) for job in jobs]
    request = JobsRequest(datetime.now(UTC).date(), smoke=True)
    outcomes = run_deployed(env, alone, request, quiet=quiet)
    return {o.job: "" if o.succeeded else o.error or o.status for o in outcomes}


def _tried_here(env: Environment, jobs: Sequence[Job]) -> dict[str, str]:
    from glue_jobs.smoke import try_needs
    from lakehouse.contracts import load_schemas

    schemas = load_schemas()
    faults = {}
    for job in jobs:
        findings = try_needs(env, schemas, job, str(uuid.uuid4()))
        faults[job.name] = "; ".join(f"{f.subject}: {f.fault}" for f in findings if f.fault)
    return faults
