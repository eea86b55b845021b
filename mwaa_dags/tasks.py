"""Makes the operator of each task."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lakehouse.environments import Environment, names
from lakehouse.orchestration.specs import MAX_RETRY_SECONDS, WAIT_HOURS, DagSpec, TaskSpec, Wait
from lakehouse.pipelines import Job
from mwaa_dags import docs
from mwaa_dags.airflow_api import DOUBLING
from mwaa_dags.alerts import failure_callback
from mwaa_dags.days import RUN_DATE
from mwaa_dags.fused import FusedGlueRun, JobOutcome
from mwaa_dags.glue import GlueRun
from mwaa_dags.operators import EnsureRunning, SlaCheck, WaitFor, max_polls, poll_seconds

SLA_CHECK = "sla_check"


def run_job(env: Environment, task: TaskSpec) -> Any:
    """Runs a batch job. Sends only the day: the run reads its parameters and secrets itself."""
    if task.factory_pipeline:
        return _run_factory_pipeline(env, task)
    return GlueRun(**_glue_run(env, task), **_retried(task))


def run_fused(env: Environment, task: TaskSpec) -> Any:
    """Runs all jobs of a fused pipeline in one Glue run. Tries again only what was no failure of a job."""
    return FusedGlueRun(**_glue_run(env, task), **_retried(task))


def show_outcome(env: Environment, task: TaskSpec, fused: TaskSpec) -> Any:
    """Ends as the job ended in the fused run, which it follows even when that has failed."""
    return JobOutcome(
        env=env,
        job=task.job,
        fused=fused.job,
        retries=0,
        execution_timeout=timedelta(minutes=5),
        trigger_rule="all_success" if task.after else "all_done",
        **_described(env, task.job),
    )


def _glue_run(env: Environment, task: TaskSpec) -> dict[str, Any]:
    return {
        "job": task.job.name,
        "audit_table": names.control_table(env, names.Control.AUDIT),
        "job_name": task.glue_job,
        "script_args": task.arguments(RUN_DATE),
        "aws_conn_id": None,
        "region_name": env.region,
        "deferrable": True,
        "waiter_delay": poll_seconds(env),
        "waiter_max_attempts": max_polls(env, task.minutes),
        "stop_job_run_on_kill": True,
        "execution_timeout": timedelta(minutes=task.longest_minutes),
        **_described(env, task.job),
    }


def _run_factory_pipeline(env: Environment, task: TaskSpec) -> Any:
    """Runs a pipeline of the environment's data factory, and waits for its end."""
    # The provider is installed only where an environment names a factory.
    from mwaa_dags.data_factory import FactoryRun

    job = task.job
    return FactoryRun(
        env=env,
        job=job,
        pipeline=task.factory_pipeline,
        timeout=task.minutes * 60,
        execution_timeout=timedelta(minutes=task.minutes + 5),
        **_described(env, job),
        **_retried(task),
    )


def ensure_running(env: Environment, task: TaskSpec) -> Any:
    """Keeps a continuous job running. It has no retries: the next scheduled check starts the job again."""
    job = task.job
    return EnsureRunning(
        env=env,
        job=job,
        retries=0,
        execution_timeout=timedelta(minutes=5),
        **_described(env, job),
    )


def _described(env: Environment, job: Job) -> dict[str, Any]:
    """What every task of a job has."""
    return {
        "task_id": job.name,
        "owner": job.owner,
        "doc_md": docs.of_job(job),
        "on_failure_callback": failure_callback(env),
    }


def _retried(task: TaskSpec) -> dict[str, Any]:
    """How a task is tried again, by the job's `retry_policy`."""
    return {
        "retries": task.retry.retries,
        "retry_delay": timedelta(seconds=task.retry.backoff_seconds),
        "retry_exponential_backoff": DOUBLING,
        "max_retry_delay": timedelta(seconds=MAX_RETRY_SECONDS),
    }


def wait_for(env: Environment, own_schedule: str, wait: Wait, owner: str) -> Any:
    """Waits for a task of another DAG."""
    return WaitFor(
        task_id=f"wait_for_{wait.task_id}",
        own_schedule=own_schedule,
        wait=wait,
        timeout=WAIT_HOURS * 3600,
        poll_interval=poll_seconds(env),
        retries=0,
        owner=owner,
        on_failure_callback=failure_callback(env),
    )


def check_sla(env: Environment, spec: DagSpec) -> Any:
    """Fails when a job of the DAG run missed its SLA."""
    return SlaCheck(
        task_id=SLA_CHECK,
        env=env,
        jobs=(spec.fused.job,)
        if spec.fused
        else tuple(task.job for task in spec.tasks if not task.factory_pipeline),
        retries=0,
        execution_timeout=timedelta(minutes=10),
        owner=spec.owners[0],
        on_failure_callback=failure_callback(env, "sla-findings"),
    )
