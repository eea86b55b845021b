"""Which jobs can make their tables anew from all of their inputs."""

from __future__ import annotations

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
