"""What `lakehouse run` starts in a deployed environment: single jobs, fused runs and state machines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from cli.run.outcome import within
from cli.run.request import JobsRequest
from lakehouse.environments import Environment
from lakehouse.orchestration.plan import plan
from lakehouse.orchestration.specs import DagSpec
from lakehouse.pipelines import Job, load_pipelines
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector


@dataclass(frozen=True)
class Unit:
    """Jobs that are started together. `dag`: of a fused run or a state machine; None for a job alone."""

    jobs: tuple[Job, ...]
    dag: DagSpec | None = None

    @property
    def job_names(self) -> frozenset[str]:
        return frozenset(job.name for job in self.jobs)

    @property
    def awaited(self) -> frozenset[str]:
        """The jobs of other units that its jobs wait for."""
        return frozenset(name for job in self.jobs for name in job.depends_on) - self.job_names


def planned(env: Environment, jobs: list[Job], request: JobsRequest) -> list[Unit]:
    """The units of the jobs. Of dependencies, those on jobs that are not run now count as met.

    The jobs of a whole DAG are one unit where its schedule starts them by one call, a state machine or a
    fused run, and the request is one that a schedule makes: for a date, and nothing more. A stream has no
    end, which a state machine would not show, so it is started alone.
    """
    jobs = within(jobs)
    if not request.as_scheduled:
        return _alone(jobs)
    by_name = {job.name: job for job in jobs}
    units: list[Unit] = []
    for dag in _dags(env):
        names = [task.job.name for task in dag.tasks]
        if dag.kind == "batch" and all(name in by_name for name in names):
            units.append(Unit(tuple(by_name.pop(name) for name in names), dag))
    together = [*units, *_alone(by_name.values())]
    # Two DAGs may each hold a job that waits for one of the other: then none of them can run first.
    return together if _have_an_order(together) else _alone(jobs)


def _alone(jobs: Iterable[Job]) -> list[Unit]:
    return [Unit((job,)) for job in jobs]


def _dags(env: Environment) -> list[DagSpec]:
    """The DAGs that one call starts: all without Airflow, else those of fused pipelines."""
    faults = Collector(project_root())
    dags = plan(env, load_pipelines().values(), faults)
    faults.raise_if_any()
    return [dag for dag in dags if dag.fused or env.stack.orchestrator == "none"]


def _have_an_order(units: list[Unit]) -> bool:
    unit_of = {name: number for number, unit in enumerate(units) for name in unit.job_names}
    edges = {number: {unit_of[name] for name in unit.awaited} for number, unit in enumerate(units)}
    try:
        TopologicalSorter(edges).prepare()
    except CycleError:
        return False
    return True
