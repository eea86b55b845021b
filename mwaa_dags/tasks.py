"""Job → operator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lakehouse.environments import Environment
from mwaa_dags import docs
from mwaa_dags.airflow_api import DOUBLING
from mwaa_dags.alerts import teller
from mwaa_dags.days import RUN_DATE
from mwaa_dags.glue import GlueRun
from mwaa_dags.operators import POLL_SECONDS, START_MINUTES, KeepRunning, SlaCheck, WaitFor, attempts
from mwaa_dags.specs import DagSpec, TaskSpec, Wait

LONGEST_RETRY_WAIT = timedelta(hours=1)
# Another DAG may be mended meanwhile; the next day's run must not be kept.
WAIT_HOURS = 20
SLA_CHECK = "sla_check"


def run_job(env: Environment, task: TaskSpec) -> Any:
    """A run is given its day; what its parameters are on that day it works out itself, from the same rows. So no secret, not even its name, is sent."""
    job = task.job
    return GlueRun(
        task_id=job.name, job_name=task.glue_job, script_args={"--run-date": RUN_DATE}, aws_conn_id=None, region_name=env.region,
        deferrable=True, waiter_delay=POLL_SECONDS, waiter_max_attempts=attempts(task.minutes), stop_job_run_on_kill=True,
        execution_timeout=timedelta(minutes=task.minutes + 2 * START_MINUTES),
        retries=job.retry.retries, retry_delay=timedelta(seconds=job.retry.backoff_seconds), retry_exponential_backoff=DOUBLING,
        max_retry_delay=LONGEST_RETRY_WAIT, owner=job.owner, doc_md=docs.of_job(job), on_failure_callback=teller(env),
    )  # fmt: skip


def keep_running(env: Environment, task: TaskSpec) -> Any:
    """Not a retry but the next look starts it again, after the row's backoff."""
    job = task.job
    return KeepRunning(
        task_id=job.name, env=env, job=job, retries=0, execution_timeout=timedelta(minutes=5), owner=job.owner, doc_md=docs.of_job(job),
        on_failure_callback=teller(env),
    )  # fmt: skip


def wait_for(env: Environment, own_schedule: str, wait: Wait, owner: str) -> Any:
    return WaitFor(
        task_id=f"wait_for_{wait.task_id}", own_schedule=own_schedule, wait=wait, timeout=WAIT_HOURS * 3600, poll_interval=POLL_SECONDS,
        retries=0, owner=owner, on_failure_callback=teller(env),
    )  # fmt: skip


def check_sla(env: Environment, spec: DagSpec) -> Any:
    jobs = tuple(task.job for task in spec.tasks)
    return SlaCheck(
        task_id=SLA_CHECK, env=env, jobs=jobs, retries=0, execution_timeout=timedelta(minutes=10), owner=spec.owners[0],
        on_failure_callback=teller(env, "sla-findings"),
    )  # fmt: skip
