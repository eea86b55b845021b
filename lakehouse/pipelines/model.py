"""A pipeline and its jobs as everything after the loader knows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from lakehouse.environments import Environment
from lakehouse.pipelines.copy_template import CopyTemplate
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.params import Param

# The parameter of a job that says after how many minutes a run is late.
SLA = "sla_minutes"
Kind = Literal["metadata", "batch", "streaming", "graph"]


@dataclass(frozen=True)
class Retry:
    """Exponential backoff: the n-th retry waits `backoff_seconds` × 2^(n-1), with jitter and a cap."""

    retries: int
    backoff_seconds: int


@dataclass(frozen=True)
class Proc:
    """One step of a job: what it runs, and for how long at most.

    Minutes; 0 is continuous. `path` is as its row has it, `file` where it is from the project's root; a
    stream of a table as it comes has neither. `reads` and `writes` are what its SQL, its template or its
    config says; `databases` are the layers that its SQL creates a database of; `catalogs` are those that
    its SQL names, with their lines; `copy` is its ADF template.
    """

    proc_id: str
    name: str
    path: str
    order: int
    retry_count: int
    timeout_minutes: int
    description: str
    scheduler: Literal["ADF", "Airflow"]
    dag_id: str
    depends_on: tuple[str, ...]
    file: str = ""
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    catalogs: tuple[tuple[str, int], ...] = ()
    copy: CopyTemplate | None = None


@dataclass(frozen=True)
class Job:
    """One row of job.csv with its procs and parameters.

    `name` is also the module, the task id and the Glue job's suffix. `workers`, `worker_type` and
    `max_concurrent_runs` are the environment's where they are None. `maintains`: tables that it keeps in
    shape, which is no writing of rows; see lakehouse/pipelines/maintenance.py. `gates`: of a publish, (table,
    gate that judges it). `keeps_timeout`: its timeout holds where runs are to be shorter, too.
    `members`: of the job of a fused pipeline, the jobs that it runs in one session.
    """

    job_id: str
    name: str
    pipeline: str
    kind: Literal["batch", "streaming"]
    schedule: str
    owner: str
    environments: tuple[str, ...]
    description: str
    retry: Retry
    failure_notification: str
    depends_on: tuple[str, ...]
    procs: tuple[Proc, ...]
    params: tuple[Param, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    workers: int | None = None
    worker_type: str | None = None
    max_concurrent_runs: int | None = None
    maintains: tuple[str, ...] = ()
    type: JobType = JobType.TRANSFORM
    warehouse: str = ""
    gates: tuple[tuple[str, str], ...] = ()
    keeps_timeout: bool = False
    members: tuple[Job, ...] = ()
    location: str = field(default="", compare=False)

    def runs_in(self, env: Environment) -> bool:
        """A laptop has no jobs of its own: it runs those of the environments that it stands for."""
        return not {env.name, *env.jobs_of}.isdisjoint(self.environments)

    @property
    def continuous(self) -> bool:
        return self.schedule == "continuous"

    @property
    def timeout_minutes(self) -> int:
        return sum(p.timeout_minutes for p in self.procs)

    def ends_within(self, max_minutes: int) -> int:
        """Minutes after which a run is stopped, where none may take longer than `max_minutes`.

        A batch job that states none has those; one that keeps its own timeout may take longer.
        """
        if self.keeps_timeout:
            return self.timeout_minutes
        return min(self.timeout_minutes or max_minutes, max_minutes)

    @property
    def file_and_line(self) -> tuple[str, int]:
        """Where the job's row lies: the file from the project's root, and the line from 1."""
        file, _, line = self.location.rpartition(":")
        return file, int(line or 0)

    @property
    def retry_count(self) -> int:
        """How often a run tries its work again after an error that may pass. Its procs agree on it."""
        return max((p.retry_count for p in self.procs), default=0)

    @property
    def declared_sla(self) -> int | None:
        """Its int parameter `sla_minutes`."""
        declared = next((p.value for p in self.params if p.name == SLA and p.type == "int"), None)
        return None if declared is None else int(declared)

    def sla_within(self, max_minutes: int) -> int:
        """After so many minutes a run is late: its parameter `sla_minutes`, else three quarters of the time
        after which it is stopped (see `ends_within`), as where it is stopped sooner than that parameter. 0 is
        continuous: never late.
        """
        if self.continuous:
            return 0
        declared, end = self.declared_sla, self.ends_within(max_minutes)
        return declared if declared is not None and declared < end else max(1, end * 3 // 4)

    def factory_pipeline(self, env: Environment) -> str:
        """The pipeline of the environment's data factory that runs in place of this job; empty for none."""
        if env.data_factory is None:
            return ""
        return next((p.copy.name for p in self.procs if p.scheduler == "ADF" and p.copy), "")

    @property
    def databases(self) -> tuple[str, ...]:
        """The layers whose databases its SQL asks for."""
        return tuple(sorted({layer for p in self.procs for layer in p.databases}))

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets that its secure parameters name."""
        return tuple(sorted({p.secret_name for p in self.params if p.secure and p.secret_name}))


@dataclass(frozen=True)
class Pipeline:
    """A folder below pipelines/, whichever its `kind`.

    `jobs` stand in an order in which they may run. `title` is empty where none is given; so is `product`,
    what the names of its DAGs begin with. `fuse`: see lakehouse/pipelines/fused.py.
    """

    name: str
    jobs: tuple[Job, ...]
    kind: Kind = "metadata"
    title: str = ""
    description: str = ""
    product: str = ""
    fuse: bool = False

    def job(self, name: str) -> Job:
        return next(j for j in self.jobs if j.name == name)

    def levels(self) -> list[list[Job]]:
        """Jobs that may run side by side, wave after wave."""
        done: set[str] = set()
        waves: list[list[Job]] = []
        left = list(self.jobs)
        while left:
            wave = [j for j in left if set(j.depends_on) <= done]
            waves.append(wave)
            done |= {j.name for j in wave}
            left = [j for j in left if j.name not in done]
        return waves
