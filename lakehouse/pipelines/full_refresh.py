"""Which jobs can make their tables anew from all of their inputs."""

from __future__ import annotations

from collections.abc import Sequence

from lakehouse.pipelines.job_fault import note_job
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Job
from lakehouse.reading.faults import Collector

REFRESHABLE = frozenset({JobType.TRANSFORM, JobType.SQL})


def check_full_refresh(job: Job, faults: Collector) -> None:
    """Notes (LK330) that a job builds no tables from tables, so that there is nothing to make anew."""
    if job.type not in REFRESHABLE:
        message = f"job '{job.name}' builds no table from tables, and makes none anew: it is {job.type}"
        note_job(faults, "LK330", job, message, "--full-refresh with a transform or SQL job", value=job.type)


def forced(job: Job, tables: Sequence[str]) -> tuple[str, ...]:
    """Those of `tables` that the job makes from tables, judges or publishes: what `--force` can ask of it."""
    if job.type in REFRESHABLE:
        names = job.writes
    elif job.type in (JobType.GATE, JobType.PUBLISH):
        names = job.reads
    else:
        names = ()
    return tuple(table for table in tables if table in names)


def check_force(jobs: Sequence[Job], tables: Sequence[str], faults: Collector) -> None:
    """Notes (LK237) each table that one of the jobs fills from a source, or that none makes from tables,
    judges or publishes.
    """
    names = dict.fromkeys(t for job in jobs for t in forced(job, (*job.writes, *job.reads)))
    for table in tables:
        by_ingest = any(table in job.writes and job.type is JobType.INGEST for job in jobs)
        if by_ingest or table not in names:
            expected = (
                "`lakehouse watermark reset` or `lakehouse backfill`: its rows come from a source"
                if by_ingest
                else f"--force with a table that is made, judged or published: {', '.join(names) or 'none'}"
            )
            message = (
                f"--force {table}: a job of the run fills it from a source"
                if by_ingest
                else f"--force {table}: no job of the run makes it from tables, judges or publishes it"
            )
            note_job(faults, "LK237", jobs[0], message, expected, table, list(names))
