"""Runs existing Glue jobs. Never creates or changes one, as the provider's own operator would."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from airflow.providers.amazon.aws.hooks.glue import GlueJobHook
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator

from mwaa_dags.airflow_api import AirflowException, AirflowFailException
from mwaa_dags.audit import audit_lines
from mwaa_dags.days import fault_of_arguments

ACTIVE = ("STARTING", "RUNNING", "WAITING")
ENDED_BADLY = ("FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED")
MAX_RUNS = 50
NOT_STARTED = datetime.max.replace(tzinfo=UTC)
# The method name with which Airflow resumes a task whose trigger failed.
TRIGGER_FAILED = "__fail__"


class GlueRunFailedError(AirflowException):
    """A Glue run failed. Glue itself sends an event for it."""

    event_sent = True


class ExistingJobHook(GlueJobHook):
    """Starts runs of a Glue job that the stack has created."""

    def initialize_job(
        self, script_arguments: dict[str, Any] | None = None, run_kwargs: dict[str, Any] | None = None
    ) -> dict[str, str]:
        """Starts a run, or takes over an active run with the same arguments.

        An active run was left by a task that was killed; Glue would refuse a second one. Raises
        AirflowFailException, which Airflow does not retry, for a day after today.
        """
        arguments = script_arguments or {}
        if fault := fault_of_arguments(arguments):
            raise AirflowFailException(fault)
        for run in self.newest_runs():
            if run["JobRunState"] in ACTIVE and _has_arguments(run, arguments):
                self.log.info("Takes over Glue run %s of %s", run["Id"], self.job_name)
                return {"JobRunId": run["Id"]}
        started: dict[str, str] = self.conn.start_job_run(
            JobName=self.job_name, Arguments=arguments, **(run_kwargs or {})
        )
        return started

    def newest_runs(self) -> list[dict[str, Any]]:
        """The job's last 50 runs, the newest first.

        Raises AirflowFailException, which Airflow does not retry, when the job does not exist.
        """
        try:
            runs = self.conn.get_job_runs(JobName=self.job_name, MaxResults=MAX_RUNS)["JobRuns"]
        except self.conn.exceptions.EntityNotFoundException:
            raise self._missing() from None
        return sorted(runs, key=lambda run: run.get("StartedOn") or NOT_STARTED, reverse=True)

    def newest(self, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """The newest run with these arguments."""
        return next((run for run in self.newest_runs() if _has_arguments(run, arguments)), None)

    def get_or_create_glue_job(self) -> str:
        """Refuses: only the stack creates jobs."""
        raise self._missing()

    def create_or_update_glue_job(self) -> str:
        """Refuses: only the stack creates jobs."""
        raise self._missing()

    def _missing(self) -> Exception:
        text = f"there is no Glue job {self.job_name} in {self.conn_region_name}"
        error: Exception = AirflowFailException(f"{text}; deploy the stack, which makes it")
        return error


class GlueRun(GlueJobOperator):
    """One run of an existing job. It is deferred while it waits, so it occupies no worker."""

    aws_hook_class = ExistingJobHook

    def __init__(self, *, job: str, audit_table: str, **kwargs: Any) -> None:
        """`job` is the name of the job in the audit, which is the DynamoDB table `audit_table`."""
        super().__init__(**kwargs)
        self.job, self.audit_table = job, audit_table

    def execute_complete(self, context: Any, event: dict[str, Any] | None = None) -> str:
        """Ends the task, and logs what the run warned of: the task is where people look first."""
        run_id: str = super().execute_complete(context, event)
        self.log_audit()
        return run_id

    def log_audit(self) -> None:
        """Logs the warnings and the tables without news of the run; never fails the task."""
        day = str(self.script_args.get("--run-date", ""))
        try:
            client: Any = AwsBaseHook(
                aws_conn_id=None, client_type="dynamodb", region_name=self.hook.conn_region_name
            ).conn
            run = self.hook.newest(self.script_args)
            since = run["StartedOn"].astimezone(UTC).isoformat() if run else ""
            lines = audit_lines(client, self.audit_table, self.job, day, since)
        except Exception as error:  # the run has succeeded, whatever the audit can tell of it
            self.log.info("the audit of %s cannot be read: %s", self.job, error)
            return
        for line in lines:
            self.log.warning("%s: %s", self.job, line)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        """Resumes as Airflow does, but logs Glue's error of a failed run instead of the trigger's."""
        if failed := failure(next_method, next_kwargs):
            run = self.hook.newest(self.script_args)
            if run and run["JobRunState"] in ENDED_BADLY:
                raise GlueRunFailedError(run_summary(run))
            raise AirflowException(run_summary(run) or failed)
        return super().resume_execution(next_method, next_kwargs, context)


def failure(next_method: str, next_kwargs: dict[str, Any] | None) -> str:
    """The error with which a trigger resumes a task; empty after success.

    Airflow 3.0 reports a failed run as a failed trigger; 3.2 reports it as an event.
    """
    kwargs = next_kwargs or {}
    event = kwargs.get("event") or {}
    if isinstance(event, dict) and event.get("status", "success") != "success":
        return str(event.get("message") or event)
    return str(kwargs.get("error") or "the trigger failed") if next_method == TRIGGER_FAILED else ""


def run_summary(run: dict[str, Any] | None) -> str:
    """The run's state and error as Glue reports them; empty without a run."""
    if not run:
        return ""
    error = run.get("ErrorMessage", "")
    return f"Glue run {run['Id']} of {run['JobName']}: {run['JobRunState']} {error}".strip()


def _has_arguments(run: dict[str, Any], arguments: dict[str, Any]) -> bool:
    return all(run.get("Arguments", {}).get(key) == value for key, value in arguments.items())
