"""Tasks that are more than one run: continuous jobs, backfills, the last look at a DAG run, faults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.amazon.aws.triggers.glue import GlueJobCompleteTrigger
from airflow.providers.standard.sensors.external_task import ExternalTaskSensor
from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk import BaseOperator

from lakehouse.environments import Environment, names
from lakehouse.pipelines import Job
from mwaa_dags import backfill, days, sla, streams
from mwaa_dags.airflow_api import AirflowException, AirflowFailException
from mwaa_dags.glue import ExistingJobHook, failure, told
from mwaa_dags.schedules import waited_for
from mwaa_dags.specs import Wait

POLL_SECONDS = 30
# Glue may wait for capacity before a run's own clock starts.
START_MINUTES = 60


def attempts(minutes: int) -> int:
    """How often to look at a run: beyond the timeout at which Glue itself ends it."""
    return -(-(minutes + START_MINUTES) * 60 // POLL_SECONDS)


def hook_of(env: Environment, job: str) -> ExistingJobHook:
    return ExistingJobHook(job_name=names.glue_job(env, job), aws_conn_id=None, region_name=env.region)


class WaitFor(ExternalTaskSensor):
    """Waits for the task of another DAG in its run of the same day. If that fails it waits on: once it is mended, this goes on by itself."""

    def __init__(self, *, own_schedule: str, wait: Wait, **kwargs: Any) -> None:
        def dates(_: Any, context: Any, **__: Any) -> list[datetime]:
            return waited_for(own_schedule, wait.schedule, days.logical_date(context))

        super().__init__(
            external_dag_id=wait.dag_id,
            external_task_id=wait.task_id,
            execution_date_fn=dates,
            deferrable=True,
            **kwargs,
        )
        self.dates = dates

    def execute(self, context: Any) -> None:
        # To Airflow an empty list of dates means any date.
        if self.dates(None, context=context):
            super().execute(context)


class KeepRunning(BaseOperator):
    """Starts a continuous job that does not run. Glue refuses a second run, so two who look at once start one."""

    def __init__(self, *, env: Environment, job: Job, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.env, self.job = env, job

    def execute(self, context: Any) -> str:
        hook = hook_of(self.env, self.job.name)
        verdict = streams.judge(hook.newest_runs(), self.job.retry, datetime.now(UTC))
        if verdict.running or verdict.wait:
            return (
                "runs"
                if verdict.running
                else f"failed {verdict.failures} times; is started again in {verdict.wait}"
            )
        try:
            run = hook.conn.start_job_run(JobName=hook.job_name)["JobRunId"]
        except hook.conn.exceptions.ConcurrentRunsExceededException:
            return "runs"
        if verdict.failures > self.job.retry.retries:
            raise AirflowException(
                f"{self.job.name} failed {verdict.failures} times in a row and is started again as {run}"
            )
        return f"started as {run}"


DONE = "done"


class Backfill(BaseOperator):
    """One run after another. The plan follows from the parameters; how many of its runs are done is an XCom, which people see."""

    def __init__(self, *, env: Environment, jobs: tuple[Job, ...], minutes: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.env, self.jobs, self.minutes = env, jobs, minutes

    def execute(self, context: Any) -> None:
        todo = self._steps(context)
        for number, step in enumerate(todo, start=1):
            self.log.info("%d of %d: %s for %s", number, len(todo), step.job, step.day)
        for job in dict.fromkeys(step.job for step in todo):
            hook_of(self.env, job).newest_runs()
        if context["params"]["dry_run"]:
            self.log.info("Nothing was run: this was a dry run. Trigger the DAG again with dry_run off.")
            return
        self._start(context, 0)

    def go_on(self, context: Any, event: Any = None) -> None:
        """After a minute in which another run of the job was in the way."""
        self._start(context, context["ti"].xcom_pull(key=DONE, task_ids=self.task_id))

    def ended(self, context: Any, event: Any = None) -> None:
        """After a run that succeeded."""
        self._start(context, context["ti"].xcom_pull(key=DONE, task_ids=self.task_id) + 1)

    def _start(self, context: Any, done: int) -> None:
        todo = self._steps(context)
        context["ti"].xcom_push(key=DONE, value=done)
        if done == len(todo):
            return
        step = todo[done]
        hook = hook_of(self.env, step.job)
        try:
            run = hook.initialize_job({"--run-date": step.day.isoformat()})["JobRunId"]
        except hook.conn.exceptions.ConcurrentRunsExceededException:
            self.defer(trigger=TimeDeltaTrigger(timedelta(minutes=1)), method_name="go_on")
        self.log.info("%d of %d: %s for %s is %s", done + 1, len(todo), step.job, step.day, run)
        trigger = GlueJobCompleteTrigger(
            job_name=hook.job_name, run_id=run, waiter_delay=POLL_SECONDS, waiter_max_attempts=attempts(self.minutes),
            aws_conn_id=None, region_name=self.env.region,
        )  # fmt: skip
        self.defer(trigger=trigger, method_name="ended")

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        failed = failure(next_method, next_kwargs)
        if not failed:
            return super().resume_execution(next_method, next_kwargs, context)
        step = self._steps(context)[context["ti"].xcom_pull(key=DONE, task_ids=self.task_id)]
        ended = told(hook_of(self.env, step.job).newest({"--run-date": step.day.isoformat()})) or failed
        raise AirflowException(f"{step.job} for {step.day}: {ended}; mend it and start again from that day")

    def _steps(self, context: Any) -> list[backfill.Step]:
        try:
            newest = context["dag_run"].run_after.date() - timedelta(days=1)
            return backfill.steps(context["params"], self.jobs, newest)
        except backfill.BackfillError as error:
            raise AirflowFailException(str(error)) from error


class SlaCheck(BaseOperator):
    """The last look: fails, and so tells, when a job of this DAG run was late. Its data is there all the same."""

    def __init__(self, *, env: Environment, jobs: tuple[Job, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.env, self.jobs = env, jobs

    def execute(self, context: Any) -> None:
        runs = {job.name: hook_of(self.env, job.name).newest_runs() for job in self.jobs}
        found = sla.late(self.jobs, runs, days.run_day(context).isoformat(), context["dag_run"].start_date)
        if found:
            raise AirflowFailException("\n".join(found))


class Fault(BaseOperator):
    """Fails with what is wrong with the facts."""

    def __init__(self, *, faults: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.faults = faults

    def execute(self, context: Any) -> None:
        raise AirflowFailException("\n".join(self.faults))
