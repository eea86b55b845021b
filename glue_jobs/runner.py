"""Runs one job: opens the run, executes the job type, and records how it ended."""

from __future__ import annotations

import logging
import time
import uuid
from typing import TYPE_CHECKING

from glue_jobs.aws import clients
from glue_jobs.error_text import public_text
from glue_jobs.errors import RunError, explain, first_line
from glue_jobs.job_parameters import job_parameters
from glue_jobs.job_types.registry import executable_for
from glue_jobs.observability import logs
from glue_jobs.observability.alerts import alert
from glue_jobs.observability.lineage import Dataset, Engine, Lineage, LineageRun
from glue_jobs.observability.lineage_tables import table_dataset
from glue_jobs.observability.metrics import Metrics
from glue_jobs.observability.secrets import Secrets
from glue_jobs.run_context import RunContext
from glue_jobs.run_request import RunRequest
from glue_jobs.s3 import S3Uri, delete_prefix
from glue_jobs.session import tuned_session
from glue_jobs.state.audit import Audit, RunRow
from lakehouse.contracts import Schemas
from lakehouse.environments import Environment
from lakehouse.environments.prices import glue_cost_usd
from lakehouse.pipelines.job_keys import stream_lease
from lakehouse.pipelines.job_type import JobType

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger(__name__)


def run_job(env: Environment, schemas: Schemas, spark: SparkSession, request: RunRequest) -> RunRow:
    """Runs a job and returns its audit row. Raises the run's error after it has been recorded and alerted."""
    job, run_id = request.job, str(uuid.uuid4())
    trace_id = request.trace_id or uuid.uuid4().hex
    with logs.bound(run_id=run_id, job_name=job.name, trace_id=trace_id, env=env.name):
        params = job_parameters(job, request.run_date, run_id, request.params)
        run = RunContext(
            env=env,
            job=job,
            schemas=schemas,
            run_date=request.run_date,
            run_id=run_id,
            trace_id=trace_id,
            session=tuned_session(spark, params),
            params=params,
            secrets=Secrets(env),
            aws=clients(env),
            log=log,
            progress=request.progress,
            full_refresh=request.full_refresh,
            window=request.window,
            force=frozenset(request.force),
        )
        return _Run(run, request).execute()


class _Run:
    """The frame around the work: audit, lineage, metrics, logs and alerts."""

    def __init__(self, run: RunContext, request: RunRequest) -> None:
        self.run, self.request = run, request
        self.audit = Audit(run.env)
        self.metrics = Metrics(run.env, run.job.name)
        streaming = run.job.type is JobType.STREAM and not request.replay
        engine = Engine("spark", run.session.version)
        lineage_run = LineageRun(run.run_date, request.parent, engine, streaming)
        self.lineage = Lineage(run.env, run.job.name, run.run_id, lineage_run)
        self.began = time.monotonic()
        self._has_no_end = streaming and run.env.streams.trigger == "continuous"

    def execute(self) -> RunRow:
        run = self.run
        self.audit.start(
            RunRow(
                run.run_id,
                run.job.name,
                run.job.pipeline,
                run.run_date,
                trace_id=run.trace_id,
                alive_by=stream_lease(run.job) if self._has_no_end else "",
                actor=self.request.requested_by,
            )
        )
        log.info("run started", extra={"run_date": run.run_date.isoformat()})
        self.lineage.start(self._datasets(run.job.reads), self._datasets(run.job.writes))
        try:
            executable_for(self.request).execute(run)
            if run.problems:
                raise run.problems[0]
        except BaseException as raised:
            error = explain(raised)
            self._failed(error)
            if error is raised:
                raise
            raise error from raised
        finally:
            self._delete_staged_files()
        return self._succeeded()

    def _delete_staged_files(self) -> None:
        """Deletes what the run staged. The bucket's lifecycle expires what a killed run leaves."""
        try:
            delete_prefix(self.run.aws.s3, S3Uri.parse(self.run.staging_uri()).folder)
        except Exception as error:  # the rows are written; files that stay cost cents and expire
            log.warning("staged files were not removed: %s", error)

    def _succeeded(self) -> RunRow:
        seconds, cost = self._measure()
        batch_id = self._batch_id()
        row = self.audit.finish(
            self.run.run_id,
            tables=self.run.counts,
            seconds=seconds,
            cost_estimate_usd=cost,
            batch_id=batch_id,
            files=self.run.files,
            warnings=self.run.warnings,
            unchanged=self.run.unchanged,
        )
        self.lineage.complete(self._datasets(self.run.job.reads), self._datasets(self.run.job.writes))
        self.metrics.flush()
        log.info("run succeeded", extra={"seconds": round(seconds, 2), "batch_id": batch_id})
        return row

    def _failed(self, error: BaseException) -> None:
        # Whatever of this fails must not hide the run's own error.
        seconds, cost = self._measure()
        try:
            self.audit.fail(
                self.run.run_id,
                error,
                tables=self.run.counts,
                files=self.run.files,
                warnings=self.run.warnings,
                seconds=seconds,
                cost_estimate_usd=cost,
            )
        except Exception as failure:
            log.error("the audit row of the run was not closed and says RUNNING: %s", failure)
        self.lineage.fail(error, self._datasets(self.run.job.reads), self._datasets(self.run.job.writes))
        self.metrics.flush()
        log.error(
            "run failed: %s",
            first_line(error),
            exc_info=not isinstance(error, RunError),
            extra={"batch_id": self._batch_id()},
        )
        if not self.run.env.monitoring:  # with monitoring, sla_notifier alerts once, after the last retry
            self._alert(error)

    def _alert(self, error: BaseException) -> None:
        run = self.run
        body = {
            "job": run.job.name,
            "run_id": run.run_id,
            "run_date": run.run_date.isoformat(),
            "error": public_text(error),
            "owner": run.job.owner,
        }
        alert(run.env, f"{run.job.name} failed: {first_line(error)}", body)

    def _batch_id(self) -> str:
        """The batch of the run's first table: with several tables, each has a batch of its own."""
        return next(iter(self.run.batch_ids.values()), "")

    def _measure(self) -> tuple[float, float]:
        """(seconds, estimated cost in US dollars)."""
        seconds = time.monotonic() - self.began
        self.metrics.emit_duration(seconds)
        for table, counts in self.run.counts.items():
            self.metrics.emit_rowcount(table, counts.written)
            self.metrics.emit_left_quarantine(table, replayed=counts.replayed)
        for table, files in self.run.files.items():
            self.metrics.emit_files(table, files)
        if self.run.critical_failures is not None:
            self.metrics.emit_critical_failures(self.run.critical_failures)
        return seconds, glue_cost_usd(self.run.env, seconds)

    def _datasets(self, tables: tuple[str, ...]) -> list[Dataset]:
        counts = self.run.counts
        return [
            table_dataset(self.run.schemas, t, counts[t].written if t in counts else None) for t in tables
        ]
