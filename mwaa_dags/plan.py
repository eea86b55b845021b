"""Pipelines → DAGs: which jobs share one, what follows what, what waits for another DAG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

from lakehouse.environments import Environment, names
from lakehouse.pipelines import Job, Pipeline
from lakehouse.pipelines.graph import cycles, ordered
from lakehouse.reading.faults import Collector
from mwaa_dags.schedules import fits
from mwaa_dags.specs import DagSpec, TaskSpec, Wait

# A DAG of ours that is no pipeline's.
BACKFILL = "backfill"
# How often it is looked whether a continuous job runs.
WATCH = "*/5 * * * *"
Groups = dict[str, list[Job]]


def plan(env: Environment, pipelines: Iterable[Pipeline], faults: Collector) -> list[DagSpec]:
    """The DAGs of an environment. What one DAG cannot do is noted in `faults`."""
    by_folder = {p.name: p for p in pipelines}
    jobs = _here(env, [j for p in by_folder.values() for j in p.jobs], faults)
    dags: Groups = {}
    for job in jobs:
        dags.setdefault(_dag_id(job, jobs), []).append(job)
    home = {job.name: dag_id for dag_id, found in dags.items() for job in found}
    starts = {dag_id: _schedule(found, dag_id, home, faults) for dag_id, found in dags.items()}
    by_name = {job.name: job for job in jobs}
    tasks = {dag_id: _tasks(env, dag_id, found, home, starts, by_name) for dag_id, found in dags.items()}
    return [
        _dag(env, dag_id, by_folder[found[0].pipeline], starts[dag_id], tasks[dag_id])
        for dag_id, found in dags.items()
    ]


def _here(env: Environment, jobs: list[Job], faults: Collector) -> list[Job]:
    """The jobs of this environment in order. Each waits for what it depends on, and for the writers in other pipelines of what it reads."""
    by_name = {j.name: j for j in jobs}
    writer = {table: j for j in jobs if j.runs_in(env) for table in j.writes}
    found: dict[str, Job] = {}
    for job in [j for j in jobs if j.runs_in(env)]:
        others = [writer[t].name for t in job.reads if t in writer and writer[t].pipeline != job.pipeline]
        found[job.name] = replace(
            job, depends_on=tuple(dict.fromkeys([*_nearest(env, job, by_name), *others]))
        )
    for circle in cycles(found):
        for name in dict.fromkeys(circle):
            _note(
                faults,
                "LK311",
                found[name],
                f"jobs wait for one another, by the tables they read: {' → '.join(circle)}",
                "an order without a cycle",
            )
    return ordered(list(found.values()))


def _nearest(env: Environment, job: Job, by_name: Mapping[str, Job]) -> list[str]:
    """What a job depends on in this environment: in place of a job that does not run here, what that one depends on."""
    found: list[str] = []
    stack, seen = list(reversed(job.depends_on)), set()
    while stack:
        name = stack.pop()
        if name in by_name and name not in seen:
            seen.add(name)
            if by_name[name].runs_in(env):
                found.append(name)
            else:
                stack.extend(reversed(by_name[name].depends_on))
    return found


def _dag_id(job: Job, jobs: list[Job]) -> str:
    """The one that its first proc names, else its pipeline. Continuous jobs have a DAG of their own: the others must be able to end."""
    stated = _stated(job)
    mixed = job.continuous and any(_stated(other) == stated and not other.continuous for other in jobs)
    return f"{stated}_streaming" if mixed else stated


def _stated(job: Job) -> str:
    return next((proc.dag_id for proc in job.procs if proc.dag_id), job.pipeline)


def _schedule(jobs: list[Job], dag_id: str, home: Mapping[str, str], faults: Collector) -> str:
    """That of the jobs that wait for no other of the DAG. Notes what a DAG with one schedule cannot do."""
    for job in jobs:
        if job.pipeline != jobs[0].pipeline or dag_id == BACKFILL:
            first = "the platform" if dag_id == BACKFILL else f"pipeline {jobs[0].pipeline}"
            _note(
                faults,
                "LK305",
                job,
                f"dag_id '{dag_id}' is also one of {first}",
                "a dag_id of its own",
                dag_id,
            )
        others = sorted({p.dag_id for p in job.procs} - {_stated(job)})
        if others:
            _note(
                faults,
                "LK303",
                job,
                f"the procs of job '{job.name}' name several DAGs: {_stated(job)}, {', '.join(others)}",
                "one dag_id per job",
            )
    if jobs[0].continuous:
        return WATCH
    for job in jobs:
        follows = any(home.get(name) == dag_id for name in job.depends_on)
        if not (fits(job.schedule, jobs[0].schedule) if follows else job.schedule == jobs[0].schedule):
            what = f"job '{job.name}' is in DAG '{dag_id}', which starts at '{jobs[0].schedule}' with '{jobs[0].name}', and not at '{job.schedule}'"
            _note(
                faults,
                "LK303",
                job,
                what,
                "the same days and, unless it waits for a job of the DAG, the same time; or a dag_id of its own",
            )
    return jobs[0].schedule


def _tasks(
    env: Environment,
    dag_id: str,
    jobs: list[Job],
    home: Mapping[str, str],
    starts: Mapping[str, str],
    by_name: Mapping[str, Job],
) -> tuple[TaskSpec, ...]:
    tasks = []
    for job in jobs:
        # A continuous job never ends, so nobody waits for its end; and one that is kept running waits for nobody.
        before = [] if job.continuous else [by_name[n] for n in job.depends_on if not by_name[n].continuous]
        after = tuple(b.name for b in before if home[b.name] == dag_id)
        waits = tuple(
            Wait(home[b.name], b.name, starts[home[b.name]]) for b in before if home[b.name] != dag_id
        )
        tasks.append(TaskSpec(job, names.glue_job(env, job.name), after, waits, _minutes(env, job)))
    return tuple(tasks)


def _dag(
    env: Environment, dag_id: str, pipeline: Pipeline, schedule: str, tasks: tuple[TaskSpec, ...]
) -> DagSpec:
    kind: Literal["batch", "streaming"] = "streaming" if tasks[0].job.continuous else "batch"
    words = dag_id if pipeline.name in dag_id else f"{pipeline.name}: {dag_id}"
    name = f"[{env.product}] [{env.name}] {pipeline.title}" if pipeline.title else display_name(env, words)
    return DagSpec(dag_id, name, pipeline.name, kind, schedule, tasks, pipeline.description)


def display_name(env: Environment, words: str) -> str:
    """`[lakehouse] [prod] Retail Daily`, of what gives itself no title; the pipeline's name stands before a dag_id that does not hold it."""
    return f"[{env.project}] [{env.name}] {words.replace('_', ' ').title()}"


def _minutes(env: Environment, job: Job) -> int:
    """As the stack sets it on the Glue job."""
    return 0 if job.continuous else job.ends_within(env.glue.timeout_minutes)


def _note(faults: Collector, code: str, job: Job, what: str, wanted: str, value: str = "") -> None:
    file, line = job.place.rsplit(":", 1)
    faults.add(code, what, file=faults.root / file, at=(int(line), 0), wanted=wanted, value=value)
