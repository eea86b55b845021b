"""`fuse: true` of a pipeline: one Glue run executes all of its jobs in one session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lakehouse.environments import Environment
from lakehouse.pipelines.job_fault import note_job
from lakehouse.pipelines.model import Job, Pipeline, Retry
from lakehouse.reading.faults import Collector

_SUFFIX = "_fused"


def fused_name(pipeline: str) -> str:
    """The name of the job that runs a fused pipeline, beside those of its own jobs."""
    return f"{pipeline}{_SUFFIX}"


def fused_job(env: Environment, pipeline: Pipeline) -> Job | None:
    """The job of a fused pipeline in an environment; None when it is not fused or has no job there.

    `members` are its jobs, each after those that it waits for. It reads, writes and may what they together
    do. It retries nothing itself: each member is tried again by its own row.
    """
    members = tuple(job for job in pipeline.jobs if job.runs_in(env))
    if not pipeline.fuse or not members:
        return None
    first = members[0]
    return replace(
        first,
        job_id=fused_name(pipeline.name),
        name=fused_name(pipeline.name),
        description=f"All jobs of {pipeline.name} in one session: {', '.join(job.name for job in members)}",
        retry=Retry(0, 0),
        depends_on=(),
        procs=tuple(proc for job in members for proc in job.procs),
        params=(),
        reads=_each_once(table for job in members for table in job.reads),
        writes=_each_once(table for job in members for table in job.writes),
        maintains=_each_once(table for job in members for table in job.maintains),
        max_concurrent_runs=1,
        gates=(),
        keeps_timeout=False,
        members=members,
    )


def fused_jobs(env: Environment, pipelines: Iterable[Pipeline]) -> list[Job]:
    """The jobs of all fused pipelines of an environment."""
    return [job for pipeline in pipelines if (job := fused_job(env, pipeline)) is not None]


def check_fused(pipelines: Iterable[Pipeline], faults: Collector) -> None:
    """Notes what cannot share one run: LK274 to LK278."""
    pipelines = list(pipelines)
    taken = {job.name for pipeline in pipelines for job in pipeline.jobs}
    for pipeline in pipelines:
        if pipeline.fuse and pipeline.jobs:
            _check(pipeline, taken, faults)


def _check(pipeline: Pipeline, taken: set[str], faults: Collector) -> None:
    first = pipeline.jobs[0]
    if fused_name(pipeline.name) in taken:
        text = f"'{fused_name(pipeline.name)}' is a job, and the fused run of '{pipeline.name}'"
        note_job(faults, "LK278", first, text, "another name of the job")
    for job in pipeline.jobs:
        if job.kind == "streaming" or job.continuous:
            text = f"job '{job.name}' is a stream, and its pipeline has fuse: true"
            note_job(faults, "LK274", job, text, "a pipeline of its own for streams, or no fuse")
        elif _dag_of(job) != _dag_of(first):
            text = f"job '{job.name}' is in DAG '{_dag_of(job)}', '{first.name}' in '{_dag_of(first)}'"
            note_job(faults, "LK275", job, text, "one DAG for all jobs of a fused pipeline, or no fuse")
        elif (job.workers, job.worker_type) != (first.workers, first.worker_type):
            text = f"job '{job.name}' wants other workers than '{first.name}', and both share one session"
            note_job(faults, "LK276", job, text, "the same workers for all jobs, or no fuse")
        elif any(proc.scheduler == "ADF" and proc.copy for proc in job.procs):
            text = f"job '{job.name}' is a pipeline of a data factory where the environment has one"
            note_job(faults, "LK277", job, text, "a pipeline of its own for such jobs, or no fuse")


def _dag_of(job: Job) -> str:
    return next((proc.dag_id for proc in job.procs if proc.dag_id), job.pipeline)


def _each_once(tables: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tables))
