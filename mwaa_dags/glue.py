"""Runs of Glue jobs that the stack has made. Nothing here makes or changes a job: the provider's own operator would."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.providers.amazon.aws.hooks.glue import GlueJobHook
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator

from mwaa_dags.airflow_api import AirflowException, AirflowFailException

ADOPTED = ("STARTING", "RUNNING", "WAITING")
ENDED_BADLY = ("FAILED", "TIMEOUT", "STOPPED")
NEWEST = 50
NEVER = datetime.max.replace(tzinfo=UTC)
# Airflow's own word for how a task goes on when its trigger failed.
TRIGGER_FAILED = "__fail__"


class GlueRunFailedError(AirflowException):
    """A run ended badly, of which Glue itself sends an event."""

    event_sent = True


class ExistingJobHook(GlueJobHook):
    """Starts a job that exists."""

    def initialize_job(
        self, script_arguments: dict[str, Any] | None = None, run_kwargs: dict[str, Any] | None = None
    ) -> dict[str, str]:
        """A run with these arguments: one that is on its way is taken over. Whoever was to wait for it was killed, and a second would only be refused."""
        wanted = script_arguments or {}
        for run in self.newest_runs():
            if run["JobRunState"] in ADOPTED and _has(run, wanted):
                self.log.info("Glue run %s of %s is on its way", run["Id"], self.job_name)
                return {"JobRunId": run["Id"]}
        started: dict[str, str] = self.conn.start_job_run(
            JobName=self.job_name, Arguments=wanted, **(run_kwargs or {})
        )
        return started

    def newest_runs(self) -> list[dict[str, Any]]:
        """The newest first. Raises AirflowFailException, which no retry follows, when there is no such job."""
        try:
            runs = self.conn.get_job_runs(JobName=self.job_name, MaxResults=NEWEST)["JobRuns"]
        except self.conn.exceptions.EntityNotFoundException:
            raise self._missing() from None
        # One that waits for its turn has not started.
        return sorted(runs, key=lambda run: run.get("StartedOn") or NEVER, reverse=True)

    def newest(self, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """The newest run with these arguments."""
        return next((run for run in self.newest_runs() if _has(run, arguments)), None)

    def get_or_create_glue_job(self) -> str:
        raise self._missing()

    def create_or_update_glue_job(self) -> str:
        raise self._missing()

    def _missing(self) -> Exception:
        said: Exception = AirflowFailException(
            f"there is no Glue job {self.job_name} in {self.conn_region_name}; deploy the stack, which makes it"
        )
        return said


class GlueRun(GlueJobOperator):
    """One run of an existing job. While it lasts the triggerer looks, and no worker is taken."""

    aws_hook_class = ExistingJobHook

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        """As Airflow's; of a run that failed the log says what Glue says of it, and not only that a trigger failed."""
        if failed := failure(next_method, next_kwargs):
            run = self.hook.newest(self.script_args)
            raise (
                GlueRunFailedError(told(run))
                if run and run["JobRunState"] in ENDED_BADLY
                else AirflowException(told(run) or failed)
            )
        return super().resume_execution(next_method, next_kwargs, context)


def failure(next_method: str, next_kwargs: dict[str, Any] | None) -> str:
    """What a trigger says of a run that failed, or of its own failure; empty when all is well. To 3.0 the first is the second."""
    said = next_kwargs or {}
    event = said.get("event") or {}
    if isinstance(event, dict) and event.get("status", "success") != "success":
        return str(event.get("message") or event)
    return str(said.get("error") or "the trigger failed") if next_method == TRIGGER_FAILED else ""


def told(run: dict[str, Any] | None) -> str:
    """How a run ended, in Glue's words."""
    return (
        f"Glue run {run['Id']} of {run['JobName']}: {run['JobRunState']} {run.get('ErrorMessage', '')}".strip()
        if run
        else ""
    )


def _has(run: dict[str, Any], arguments: dict[str, Any]) -> bool:
    return all(run.get("Arguments", {}).get(key) == value for key, value in arguments.items())
