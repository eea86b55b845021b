"""Names that AWS would refuse for their length, and schedules that EventBridge cannot keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lakehouse.environments import Environment, names
from lakehouse.orchestration.event_schedule import EventScheduleError, event_schedule
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_fault import note_job
from lakehouse.reading.faults import Collector

# Of EventBridge Scheduler. A state machine's may have 80.
MAX_SCHEDULE_NAME = 64
# Of IAM. It is reached before a Glue job's 255.
MAX_ROLE_NAME = 64


def check_job_names(env: Environment, jobs: Iterable[Job], faults: Collector) -> None:
    """Notes each job, also that of a fused pipeline, whose role would have too long a name."""
    for job in jobs:
        if len(role := names.job_role(env, job.name)) > MAX_ROLE_NAME:
            text = f"the role of job '{job.name}' would be {role}, of {len(role)} characters"
            expected = (
                f"at most {MAX_ROLE_NAME}: a shorter name of the {'pipeline' if job.members else 'job'}"
            )
            note_job(faults, "LK282", job, text, expected)


def check_event_schedules(dags: Iterable[tuple[Job, str]], faults: Collector) -> None:
    """Notes each schedule, with the DAG's first job, that EventBridge Scheduler cannot keep."""
    for job, schedule in dags:
        try:
            event_schedule(schedule)
        except EventScheduleError as error:
            expected = "values, lists, ranges and steps, of days in one field alone; or orchestrator: mwaa"
            note_job(faults, "LK280", job, f"{error}, which EventBridge cannot", expected, schedule)


def check_schedule_names(env: Environment, dags: Mapping[str, list[Job]], faults: Collector) -> None:
    """Notes each DAG, with its first job, whose name is too long for a schedule's."""
    for dag_id, jobs in dags.items():
        if len(name := names.schedule(env, dag_id)) > MAX_SCHEDULE_NAME:
            text = f"the schedule of DAG '{dag_id}' would be {name}, of {len(name)} characters"
            note_job(faults, "LK281", jobs[0], text, f"at most {MAX_SCHEDULE_NAME}, or orchestrator: mwaa")
