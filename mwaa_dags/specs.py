"""What a DAG is, before Airflow sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lakehouse.pipelines import Job


@dataclass(frozen=True)
class Wait:
    """A task of another DAG, which starts by `schedule`."""

    dag_id: str
    task_id: str
    schedule: str


@dataclass(frozen=True)
class TaskSpec:
    """A job as a task of its name. `after`: tasks of the same DAG; `waits`: tasks of others; `minutes`: Glue ends a run after so many, 0 never."""

    job: Job
    glue_job: str
    after: tuple[str, ...]
    waits: tuple[Wait, ...]
    minutes: int


@dataclass(frozen=True)
class DagSpec:
    """`batch` runs by `schedule` and ends; `streaming` looks at every `schedule` whether its jobs run. Tasks stand in an order in which they may run."""

    dag_id: str
    display_name: str
    pipeline: str
    kind: Literal["batch", "streaming"]
    schedule: str
    tasks: tuple[TaskSpec, ...]
    description: str = ""

    @property
    def owners(self) -> tuple[str, ...]:
        return tuple(sorted({task.job.owner for task in self.tasks}))


@dataclass(frozen=True)
class FaultSpec:
    """Stands for the DAGs of a pipeline that cannot be read: each of `faults` is a line with file and line number."""

    dag_id: str
    display_name: str
    pipeline: str
    faults: tuple[str, ...]
