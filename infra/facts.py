"""What the stack is made from: the facts of one environment, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lakehouse.access import Policy
from lakehouse.access.reader import read_policy
from lakehouse.contracts import Schemas
from lakehouse.contracts.files import stated_tables
from lakehouse.contracts.reader import read_schemas
from lakehouse.environments import Environment
from lakehouse.environments.reader import read_environment
from lakehouse.orchestration.plan import plan
from lakehouse.orchestration.specs import DagSpec
from lakehouse.pipelines import Job, Pipeline
from lakehouse.pipelines.fused import fused_jobs
from lakehouse.pipelines.job_checks import check_jobs
from lakehouse.pipelines.reader import read_pipelines
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector
from lakehouse.release import Release


@dataclass(frozen=True)
class Facts:
    """The facts of an environment and the project that they were read from.

    `release` is the engine and bundle that jobs run; None means those of the working tree.
    """

    env: Environment
    schemas: Schemas
    pipelines: tuple[Pipeline, ...]
    policy: Policy
    root: Path
    release: Release | None = None

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs that run in this environment, and those that run its fused pipelines."""
        own = (j for p in self.pipelines for j in p.jobs if j.runs_in(self.env))
        return (*own, *fused_jobs(self.env, self.pipelines))

    @cached_property
    def dags(self) -> tuple[DagSpec, ...]:
        """Which jobs start together, and when. Raises FaultsError with every job that has no place."""
        faults = Collector(self.root)
        dags = plan(self.env, self.pipelines, faults)
        faults.raise_if_any()
        return tuple(dags)


def read_facts(env_name: str, root: Path | None = None) -> Facts:
    """Read the facts of an environment. Raises FaultsError with everything that is wrong with them."""
    faults = Collector((root or project_root()).resolve())
    env = read_environment(env_name, faults)
    schemas = read_schemas(faults)
    pipelines = read_pipelines(faults)
    jobs = [j for p in pipelines.values() for j in p.jobs]
    check_jobs(jobs, schemas.contracts, stated_tables(faults.root), faults)
    policy = read_policy(faults, schemas)
    faults.raise_if_any()
    assert env is not None
    assert policy is not None
    return Facts(env, schemas, tuple(pipelines.values()), policy, faults.root)
