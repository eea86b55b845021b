"""Plans the DAGs of an environment: which jobs share a DAG, and which jobs each of them waits for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from lakehouse.environments import Environment, names
from lakehouse.orchestration.name_limits import check_event_schedules, check_job_names, check_schedule_names
from lakehouse.orchestration.schedules import fits
from lakehouse.orchestration.specs import DagSpec, TaskSpec, Wait
from lakehouse.pipelines import Job, Pipeline
from lakehouse.pipelines.fused import fused_job
from lakehouse.pipelines.graph import check_cycles, linked, ordered
from lakehouse.pipelines.job_fault import note_job
from lakehouse.reading.faults import Collector

# The platform's own DAG, which belongs to no pipeline.
BACKFILL = "backfill"
# How often a streaming DAG checks that its jobs run.
STREAM_CHECK = "*/5 * * * *"


@dataclass(frozen=True)
class _Plan:
    """All jobs by name, the DAG of each job, and the schedule of each DAG."""

    jobs: Mapping[str, Job]
    dag_of: Mapping[str, str]
    schedules: Mapping[str, str]


def plan(env: Environment, pipelines: Iterable[Pipeline], faults: Collector) -> list[DagSpec]:
    """The DAGs of an environment. Notes in `faults` every job that does not fit into its DAG."""
    by_folder = {pipeline.name: pipeline for pipeline in pipelines}
    jobs = _jobs_of(env, [job for pipeline in by_folder.values() for job in pipeline.jobs], faults)
    dags: dict[str, list[Job]] = {}
    for job in jobs:
        dags.setdefault(_dag_id(job, jobs), []).append(job)
    dag_of = {job.name: dag_id for dag_id, members in dags.items() for job in members}
    schedules = {dag_id: _schedule(env, members, dag_id, dag_of, faults) for dag_id, members in dags.items()}
    if env.stack.orchestrator == "none":
        check_event_schedules([(members[0], schedules[dag_id]) for dag_id, members in dags.items()], faults)
        check_schedule_names(env, dags, faults)
    planned = _Plan({job.name: job for job in jobs}, dag_of, schedules)
    specs = [
        _dag(env, dag_id, by_folder[members[0].pipeline], _tasks(env, dag_id, members, planned), planned)
        for dag_id, members in dags.items()
    ]
    check_job_names(env, [*jobs, *(spec.fused.job for spec in specs if spec.fused)], faults)
    return specs


def _jobs_of(env: Environment, jobs: list[Job], faults: Collector) -> list[Job]:
    """The environment's jobs, sorted. Each also depends on other pipelines' jobs that write its inputs."""
    by_name = {job.name: job for job in jobs}
    active = [job for job in jobs if job.runs_in(env)]
    graph = linked([replace(job, depends_on=tuple(_dependencies(env, job, by_name))) for job in active])
    check_cycles(graph, faults)
    return ordered(list(graph.values()))


def _dependencies(env: Environment, job: Job, by_name: Mapping[str, Job]) -> list[str]:
    """What `job` depends on. A job that does not run in `env` is replaced by its own dependencies."""
    dependencies: list[str] = []
    stack, visited = list(reversed(job.depends_on)), set()
    while stack:
        name = stack.pop()
        if name in by_name and name not in visited:
            visited.add(name)
            if by_name[name].runs_in(env):
                dependencies.append(name)
            else:
                stack.extend(reversed(by_name[name].depends_on))
    return dependencies


def _dag_id(job: Job, jobs: list[Job]) -> str:
    """The declared dag_id. Continuous jobs never end, so they get a DAG beside that of batch jobs."""
    dag_id = _declared_dag_id(job)
    mixed = job.continuous and any(
        _declared_dag_id(other) == dag_id and not other.continuous for other in jobs
    )
    return f"{dag_id}_streaming" if mixed else dag_id


def _declared_dag_id(job: Job) -> str:
    """The dag_id of the job's first proc that has one, else the pipeline's name."""
    return next((proc.dag_id for proc in job.procs if proc.dag_id), job.pipeline)


def _schedule(
    env: Environment, jobs: list[Job], dag_id: str, dag_of: Mapping[str, str], faults: Collector
) -> str:
    """The schedule of the DAG's first job. Notes each job that one DAG with this schedule cannot hold."""
    for job in jobs:
        _check_dag_id(job, jobs[0], dag_id, faults)
    first = jobs[0]
    if first.continuous:
        declared = env.schedule_of(first.schedule)
        return STREAM_CHECK if declared == first.schedule else declared
    for job in jobs:
        follows = any(dag_of.get(name) == dag_id for name in job.depends_on)
        if not (fits(job.schedule, first.schedule) if follows else job.schedule == first.schedule):
            text = (
                f"job '{job.name}' is in DAG '{dag_id}', which starts at '{first.schedule}' "
                f"with '{first.name}', and not at '{job.schedule}'"
            )
            expected = (
                "the same days and, unless it waits for a job of the DAG, the same time; "
                "or a dag_id of its own"
            )
            note_job(faults, "LK303", job, text, expected)
    return first.schedule


def _check_dag_id(job: Job, first: Job, dag_id: str, faults: Collector) -> None:
    """Notes a dag_id of another pipeline or of the platform, and procs of one job that name several DAGs."""
    if job.pipeline != first.pipeline or dag_id == BACKFILL:
        owner = "the platform" if dag_id == BACKFILL else f"pipeline {first.pipeline}"
        text = f"dag_id '{dag_id}' is also one of {owner}"
        note_job(faults, "LK305", job, text, "a dag_id of its own", dag_id)
    others = sorted({proc.dag_id for proc in job.procs} - {_declared_dag_id(job)})
    if others:
        dag_ids = ", ".join([_declared_dag_id(job), *others])
        text = f"the procs of job '{job.name}' name several DAGs: {dag_ids}"
        note_job(faults, "LK303", job, text, "one dag_id per job")


def _tasks(env: Environment, dag_id: str, jobs: list[Job], planned: _Plan) -> tuple[TaskSpec, ...]:
    tasks = []
    for job in jobs:
        # A continuous job never ends, so no job waits for it; and it waits for no other job.
        names_before = () if job.continuous else job.depends_on
        before = [name for name in names_before if not planned.jobs[name].continuous]
        after = tuple(name for name in before if planned.dag_of[name] == dag_id)
        waits = tuple(_wait(name, planned) for name in before if planned.dag_of[name] != dag_id)
        glue_job, pipeline = names.glue_job(env, job.name), job.factory_pipeline(env)
        tasks.append(TaskSpec(job, glue_job, after, waits, _minutes(env, job), pipeline))
    return tuple(tasks)


def _wait(job: str, planned: _Plan) -> Wait:
    dag_id = planned.dag_of[job]
    return Wait(dag_id, job, planned.schedules[dag_id])


def _dag(
    env: Environment, dag_id: str, pipeline: Pipeline, tasks: tuple[TaskSpec, ...], planned: _Plan
) -> DagSpec:
    kind: Literal["batch", "streaming"] = "streaming" if tasks[0].job.continuous else "batch"
    words = dag_id if pipeline.name in dag_id else f"{pipeline.name}: {dag_id}"
    name = _title(env, pipeline) if pipeline.title else display_name(env, words)
    schedule, fused = planned.schedules[dag_id], _fused(env, pipeline, tasks)
    return DagSpec(dag_id, name, pipeline.name, kind, schedule, tasks, pipeline.description, fused)


def _fused(env: Environment, pipeline: Pipeline, tasks: tuple[TaskSpec, ...]) -> TaskSpec | None:
    """The task that runs all jobs of a fused pipeline in one Glue run, after every wait of any of them."""
    if (job := fused_job(env, pipeline)) is None:
        return None
    waits = tuple(dict.fromkeys(wait for task in tasks for wait in task.waits))
    return TaskSpec(job, names.glue_job(env, job.name), (), waits, _minutes(env, job))


def _title(env: Environment, pipeline: Pipeline) -> str:
    """The name of a pipeline with a title. That of a config.json without a product has the environment's."""
    default = env.project if pipeline.kind == "graph" else env.product
    return f"[{pipeline.product or default}] [{env.name}] {pipeline.title}"


def display_name(env: Environment, words: str) -> str:
    """`[lakehouse] [prod] Meters Daily`: the name in Airflow of a DAG whose pipeline has no title."""
    return f"[{env.project}] [{env.name}] {words.replace('_', ' ').title()}"


def _minutes(env: Environment, job: Job) -> int:
    """The timeout that the stack sets on the Glue job; 0 for a continuous job."""
    return 0 if job.continuous else job.ends_within(env.glue.timeout_minutes)
