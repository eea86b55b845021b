"""What a DAG consists of, whoever runs it: Airflow, or Step Functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lakehouse.pipelines import Job
from lakehouse.pipelines.model import Retry

# Long enough to repair the other DAG, and short enough to let the next day's run start.
WAIT_HOURS = 20
# Glue may wait for capacity before a run's own timeout starts.
START_MINUTES = 60
# The longest pause before a run is tried again.
MAX_RETRY_SECONDS = 3600
# The code of a fused run whose jobs have failed past their own retries: it is not tried again.
JOBS_FAILED = "RUN693"
# The error of an execution one of whose jobs did not succeed; its cause is how each job ended.
EXECUTION_FAILED = "JobsFailed"


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

    @property
    def retry(self) -> Retry:
        """How it is tried again: by the job's `retry_policy`; a fused run by that of its most patient job."""
        return max((job.retry for job in self.job.members or (self.job,)), key=lambda retry: retry.retries)

    @property
    def longest_minutes(self) -> int:
        """After so many minutes whoever waits for the run gives up, which Glue has ended long before."""
        return self.minutes + 2 * START_MINUTES

    def arguments(self, run_date: str) -> dict[str, str]:
        """What a run is given: the day alone. It reads its parameters and secrets itself."""
        return {"--run-date": run_date}


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
