"""Checks that a run can miss its SLA before its timeout ends it."""

from __future__ import annotations

from collections.abc import Sequence

from lakehouse.environments import Environment
from lakehouse.pipelines.job_fault import note_job
from lakehouse.pipelines.model import Job
from lakehouse.reading.faults import Collector


def check_deadlines(env: Environment, jobs: Sequence[Job], faults: Collector) -> None:
    """Notes LK504 for an SLA that no run of the environment can miss: an alarm on it would never fire.

    Glue reports a delay after one minute or more. Left out: an environment without alarms of
    jobs, and a laptop, which has no jobs of its own.
    """
    if env.jobs_of or not env.stack.alerts.of_jobs:
        return
    for job in jobs:
        sla, end = job.declared_sla, job.ends_within(env.glue.timeout_minutes)
        if job.runs_in(env) and not job.continuous and sla is not None and not 1 <= sla < end:
            message = f"sla_minutes of job '{job.name}' is {sla}; {env.name} ends its runs after {end} min"
            note_job(faults, "LK504", job, message, f"1 to {end - 1}", str(sla))
