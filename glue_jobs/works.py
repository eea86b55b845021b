"""What a job does, by what its procs run: a module, SQL files, a copy template, streams."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from facts.check import tree_root
from pipelines import Job

JOBS = "glue_jobs/jobs/"


def work(job: Job) -> Any:
    """Something with `execute(run)`."""
    files = [proc.file for proc in job.procs]
    if job.kind == "streaming":
        from glue_jobs.kinds.stream import Stream

        return Stream.of(job)
    if all(file.endswith(".sql") for file in files):
        from glue_jobs.kinds.sql import Sql

        return Sql.of(job)
    if all(proc.copy for proc in job.procs):
        from glue_jobs.kinds.ingest import Ingest

        return Ingest()
    return module(job, next(file for file in files if file.endswith(".py"))).JOB


def module(job: Job, file: str) -> Any:
    """One of glue_jobs/jobs by the job's name, any other by where it is."""
    if file.startswith(JOBS):
        return importlib.import_module(f"glue_jobs.jobs.{job.name}")
    spec = importlib.util.spec_from_file_location(f"lakehouse_{job.name}", tree_root() / file)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found
