"""Finds the class that executes a job, by the job's type."""

from __future__ import annotations

from types import ModuleType

from glue_jobs.errors import RunError
from glue_jobs.job_types.executable import Executable
from glue_jobs.run_request import RunRequest
from glue_jobs.user_code import load_module
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.rewind import RewindRequest
from lakehouse.project import project_root


def executable_for(request: RunRequest) -> Executable:
    """What a run executes: its job's work, or what is asked for instead."""
    if request.replay:
        return replay_for(request.job, request.replay)
    if request.rewind:
        return rewind_for(request.job, request.rewind)
    return job_type_for(request.job)


def job_type_for(job: Job) -> Executable:
    """The job type of a row, with the team's code loaded where the job has some.

    Imports only the engine code of that type: the clients of the warehouses and the broker take a second to
    import.
    """
    match job.type:
        case JobType.STREAM:
            from glue_jobs.job_types.stream import Stream

            return Stream.of(job)
        case JobType.SQL:
            from glue_jobs.job_types.sql import Sql

            return Sql.of(job)
        case JobType.INGEST:
            from glue_jobs.job_types.ingest import Ingest

            return Ingest(functions=_code(job))
        case JobType.GATE:
            from glue_jobs.job_types.gate import Gate

            return Gate()
        case JobType.REGISTER:
            from glue_jobs.job_types.register import Register

            return Register()
        case JobType.PUBLISH:
            from glue_jobs.job_types.publish import Publish

            return Publish(job.warehouse)
        case JobType.MAINTAIN:
            from glue_jobs.job_types.maintain import Maintain

            return Maintain()
        case JobType.TRANSFORM:
            from glue_jobs.job_types.transform import Transform

            return Transform(_code(job))


def replay_for(job: Job, replay: str) -> Executable:
    """The replay `TABLE/ID` of rejected rows, by the job that writes the table.

    Raises RunError (RUN630) for a table that the job does not write.
    """
    from glue_jobs.job_types.replay import Replay
    from glue_jobs.job_types.transform import Transform

    table, _, name = replay.partition("/")
    if table not in job.writes or not name:
        raise RunError(
            f"--replay '{replay}': wanted TABLE/ID of a table that {job.name} writes, "
            f"which are {', '.join(job.writes) or 'none'}",
            code="RUN630",
        )
    of_job = job_type_for(job)
    return Replay(table, name, of_job if isinstance(of_job, Transform) else None)


def rewind_for(job: Job, rewind: str) -> Executable:
    """A step of the rewind `TABLE/ID/FROM`, by the job that writes the table.

    Raises RunError (RUN650) for a table that no function or query of the job makes.
    """
    from glue_jobs.job_types.rewind import RewindStep
    from glue_jobs.job_types.transform import Transform

    request = RewindRequest.parse(rewind)
    of_job = job_type_for(job) if request and request.table in job.writes else None
    if request is None or not isinstance(of_job, Transform):
        raise RunError(
            f"--rewind '{rewind}': wanted TABLE/ID/FROM of a table that a function or query of {job.name} "
            f"makes, which are {', '.join(job.writes) or 'none'}",
            code="RUN650",
        )
    return RewindStep(request, of_job)


def _code(job: Job) -> ModuleType | None:
    file = next((p.file for p in job.procs if p.file.endswith(".py")), None)
    return load_module(project_root(), file) if file else None
