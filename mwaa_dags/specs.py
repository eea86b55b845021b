"""What a DAG consists of, without Airflow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lakehouse.pipelines import Job


@dataclass(frozen=True)
class Wait:
    """A task of another DAG that starts by `schedule`."""

    dag_id: str
    task_id: str
    schedule: str


@dataclass(frozen=True)
class TaskSpec:
    """The task that runs a job; its id is the job's name.

    `factory_pipeline`: the pipeline of the environment's data factory that runs in place of the Glue job.
    `after` are tasks of the same DAG, `waits` those of others. Glue ends a run after `minutes`; 0 is never.
    """

    job: Job
    glue_job: str
    after: tuple[str, ...]
    waits: tuple[Wait, ...]
    minutes: int
    factory_pipeline: str = ""


@dataclass(frozen=True)
class DagSpec:
    """A DAG. `batch` runs by `schedule` and ends; `streaming` checks at each `schedule` that its jobs run.

    `tasks` are sorted by their dependencies. `fused` runs the jobs of all of them in one Glue run.
    """

    dag_id: str
    display_name: str
    pipeline: str
    kind: Literal["batch", "streaming"]
    schedule: str
    tasks: tuple[TaskSpec, ...]
    description: str = ""
    fused: TaskSpec | None = None

    @property
    def owners(self) -> tuple[str, ...]:
        """The owners of the jobs, sorted."""
        return tuple(sorted({task.job.owner for task in self.tasks}))


@dataclass(frozen=True)
class FaultSpec:
    """Replaces the DAGs of a pipeline that cannot be read. Each of `faults` names a file and line."""

    dag_id: str
    display_name: str
    pipeline: str
    faults: tuple[str, ...]
