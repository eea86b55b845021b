"""The operator that runs a backfill, by the plan of `lakehouse backfill`."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from airflow.providers.amazon.aws.triggers.glue import GlueJobCompleteTrigger
from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk import BaseOperator

from lakehouse.environments import Environment
from lakehouse.pipelines import Job
from lakehouse.pipelines.backfill import BackfillError, Step, steps, window_of
from mwaa_dags.airflow_api import AirflowException, AirflowFailException
from mwaa_dags.glue import failure, run_summary
from mwaa_dags.operators import glue_hook, max_polls, poll_seconds

# The XCom with the number of completed runs, which users see.
DONE = "done"


class Backfill(BaseOperator):
    """Starts one run after another. The parameters determine the plan; an XCom counts the completed runs.

    Runs that read a source read the days of the backfill, by watermarks of its own: a task that is cleared
    goes on where it was.
    """

    def __init__(self, *, env: Environment, jobs: tuple[Job, ...], minutes: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.env, self.jobs, self.minutes = env, jobs, minutes

    def execute(self, context: Any) -> None:
        """Logs the plan, and starts its first run unless `dry_run` is on."""
        steps = self._steps(context)
        for number, step in enumerate(steps, start=1):
            self.log.info("%d of %d: %s for %s", number, len(steps), step.job, step.day)
        for job in dict.fromkeys(step.job for step in steps):
            glue_hook(self.env, job).newest_runs()  # fails here when a job does not exist
        if context["params"]["dry_run"]:
            self.log.info("Nothing was run: this was a dry run. Trigger the DAG again with dry_run off.")
            return
        self._start(context, 0)

    def start_again(self, context: Any, event: Any = None) -> None:
        """Continues after a minute in which another run blocked the job."""
        self._start(context, self._done(context))

    def start_next(self, context: Any, event: Any = None) -> None:
        """Continues after a run that succeeded."""
        self._start(context, self._done(context) + 1)

    def _start(self, context: Any, done: int) -> None:
        """Starts the run number `done` and defers until it ends."""
        steps = self._steps(context)
        context["ti"].xcom_push(key=DONE, value=done)
        if done == len(steps):
            return
        step = steps[done]
        hook = glue_hook(self.env, step.job)
        try:
            run = hook.initialize_job(self._arguments(context, step))["JobRunId"]
        except hook.conn.exceptions.ConcurrentRunsExceededException:
            self.defer(trigger=TimeDeltaTrigger(timedelta(minutes=1)), method_name="start_again")
        self.log.info("%d of %d: %s for %s is %s", done + 1, len(steps), step.job, step.day, run)
        trigger = GlueJobCompleteTrigger(
            job_name=hook.job_name,
            run_id=run,
            waiter_delay=poll_seconds(self.env),
            waiter_max_attempts=max_polls(self.env, self.minutes),
            aws_conn_id=None,
            region_name=self.env.region,
        )
        self.defer(trigger=trigger, method_name="start_next")

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        """Resumes after a trigger. Raises AirflowException with Glue's error when the run failed."""
        failed = failure(next_method, next_kwargs)
        if not failed:
            return super().resume_execution(next_method, next_kwargs, context)
        step = self._steps(context)[self._done(context)]
        run = glue_hook(self.env, step.job).newest(self._arguments(context, step))
        error = run_summary(run) or failed
        raise AirflowException(f"{step.job} for {step.day}: {error}; mend it and start again from that day")

    def _done(self, context: Any) -> int:
        done: int = context["ti"].xcom_pull(key=DONE, task_ids=self.task_id)
        return done

    def _arguments(self, context: Any, step: Step) -> dict[str, str]:
        """The run's arguments. One DAG run is one backfill, however often its task is started."""
        digest = hashlib.sha256(context["dag_run"].run_id.encode()).hexdigest()[:12]
        return step.arguments(window_of(context["params"], f"dag-{digest}"))

    def _steps(self, context: Any) -> list[Step]:
        try:
            newest = context["dag_run"].run_after.date() - timedelta(days=1)
            return steps(context["params"], self.jobs, newest)
        except BackfillError as error:
            raise AirflowFailException(str(error)) from error
