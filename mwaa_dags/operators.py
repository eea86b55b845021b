"""Operators beside the plain Glue run: waits, continuous jobs, SLA checks and faults."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.providers.standard.sensors.external_task import ExternalTaskSensor
from airflow.sdk import BaseOperator

from lakehouse.environments import Environment, names
from lakehouse.orchestration.schedules import awaited_dates
from lakehouse.orchestration.specs import START_MINUTES, Wait
from lakehouse.pipelines import Job
from mwaa_dags import days, sla, streams
from mwaa_dags.airflow_api import AirflowException, AirflowFailException
from mwaa_dags.glue import ExistingJobHook

# Seconds between two looks at a run. At the embedded AWS a look is free, and runs are short.
POLL_SECONDS, POLL_SECONDS_LOCAL = 30, 2


def poll_seconds(env: Environment) -> int:
    """Seconds between two looks at a run in `env`."""
    return POLL_SECONDS_LOCAL if env.overlay else POLL_SECONDS


def max_polls(env: Environment, minutes: int) -> int:
    """How often to poll a run that Glue ends after `minutes`: until after that timeout."""
    return -(-(minutes + START_MINUTES) * 60 // poll_seconds(env))


def glue_hook(env: Environment, job: str) -> ExistingJobHook:
    """A hook for the Glue job that runs `job` in `env`."""
    return ExistingJobHook(job_name=names.glue_job(env, job), aws_conn_id=None, region_name=env.region)


class WaitFor(ExternalTaskSensor):
    """Waits for a task of another DAG in its run of the same day. Keeps waiting while that task is failed."""

    def __init__(self, *, own_schedule: str, wait: Wait, **kwargs: Any) -> None:
        def dates(_: Any, context: Any, **__: Any) -> list[datetime]:
            return awaited_dates(own_schedule, wait.schedule, days.logical_date(context))

        super().__init__(
            external_dag_id=wait.dag_id,
            external_task_id=wait.task_id,
            execution_date_fn=dates,
            deferrable=True,
            **kwargs,
        )
        self.dates = dates

    def execute(self, context: Any) -> None:
        """Waits, unless the other DAG has no run of this day."""
        # Airflow takes an empty list of dates for any date.
        if self.dates(None, context=context):
            super().execute(context)


class EnsureRunning(BaseOperator):
    """Starts a continuous job that does not run. Glue refuses a second run, so two checks start only one."""

    def __init__(self, *, env: Environment, job: Job, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.env, self.job = env, job

    def execute(self, context: Any) -> str:
        """Returns what it did. Raises after a restart that followed more failures than the job's retries."""
        hook = glue_hook(self.env, self.job.name)
        decision = streams.restart_decision(hook.newest_runs(), self.job.retry, datetime.now(UTC))
        if decision.running:
            return "runs"
        if decision.wait:
            return f"failed {decision.failures} times; is started again in {decision.wait}"
        try:
            run = hook.conn.start_job_run(JobName=hook.job_name)["JobRunId"]
        except hook.conn.exceptions.ConcurrentRunsExceededException:
            return "runs"
        if decision.failures > self.job.retry.retries:
            raise AirflowException(
                f"{self.job.name} failed {decision.failures} times in a row and is started again as {run}"
            )
        return f"started as {run}"


class SlaCheck(BaseOperator):
    """The last task of a DAG run: fails, and so sends an alert, when a job of the run missed its SLA."""

    def __init__(self, *, env: Environment, jobs: tuple[Job, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.env, self.jobs = env, jobs

    def execute(self, context: Any) -> None:
        """Raises AirflowFailException with one line per job that missed its SLA."""
        runs = {job.name: glue_hook(self.env, job.name).newest_runs() for job in self.jobs}
        day = days.run_day(context).isoformat()
        longest = self.env.glue.timeout_minutes
        misses = sla.sla_misses(self.jobs, runs, day, context["dag_run"].start_date, longest)
        if misses:
            raise AirflowFailException("\n".join(misses))


class Fault(BaseOperator):
    """Fails with the faults of a pipeline that cannot be read."""

    def __init__(self, *, faults: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.faults = faults

    def execute(self, context: Any) -> None:
        """Raises AirflowFailException with one line per fault."""
        raise AirflowFailException("\n".join(self.faults))
