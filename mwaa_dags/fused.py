"""One Glue run of all jobs of a pipeline, and a task for each job that shows how it ended."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from airflow.sdk import BaseOperator

from lakehouse.environments import Environment, names
from lakehouse.orchestration.specs import JOBS_FAILED
from lakehouse.pipelines import Job
from mwaa_dags import days
from mwaa_dags.airflow_api import AirflowFailException
from mwaa_dags.audit import audit_lines, audit_outcome
from mwaa_dags.glue import GlueRun, GlueRunFailedError
from mwaa_dags.operators import glue_hook


class JobsFailedError(AirflowFailException):
    """Jobs of a fused run have failed past their own retries: the run is not tried again."""

    event_sent = True


class FusedGlueRun(GlueRun):
    """The run of a fused pipeline."""

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        """Resumes as any Glue run. Raises JobsFailedError, which Airflow does not retry, for failed jobs."""
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except GlueRunFailedError as error:
            if JOBS_FAILED in str(error):
                raise JobsFailedError(str(error)) from error
            raise


class JobOutcome(BaseOperator):
    """Ends as one job ended in the newest fused run of the day, by the job's row in the audit."""

    def __init__(self, *, env: Environment, job: Job, fused: Job, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.env, self.job, self.fused = env, job, fused

    def execute(self, context: Any) -> str:
        """The job's state. Raises AirflowFailException with the job's error, or when it did not run."""
        day, table = days.run_day(context).isoformat(), names.control_table(self.env, names.Control.AUDIT)
        run = glue_hook(self.env, self.fused.name).newest({"--run-date": day})
        since = run["StartedOn"].astimezone(UTC).isoformat() if run else ""
        client: Any = AwsBaseHook(aws_conn_id=None, client_type="dynamodb", region_name=self.env.region).conn
        state, error = audit_outcome(client, table, self.job.name, day, since)
        for line in audit_lines(client, table, self.job.name, day, since):
            self.log.warning("%s: %s", self.job.name, line)
        if state != "SUCCEEDED":
            text = error or "it has not run" if state != "RUNNING" else "the run ended while it ran"
            raise AirflowFailException(f"{self.job.name} in the run of {self.fused.name}: {text}")
        return state
