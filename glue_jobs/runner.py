"""Runs one job: opens the run, lets the job do its work, and says everywhere how it ended."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any

from glue_jobs.aws import clients
from glue_jobs.errors import RunError, first_line, plain
from glue_jobs.job_types.registry import job_type_for
from glue_jobs.observability import logs
from glue_jobs.observability.alerts import alert
from glue_jobs.observability.lineage import Dataset, Engine, Lineage, Parent
from glue_jobs.observability.metrics import Metrics
from glue_jobs.observability.secrets import Secrets
from glue_jobs.run_context import RunContext
from glue_jobs.s3 import S3Uri, delete_prefix
from glue_jobs.state.audit import Audit, Counts, RunRow
from lakehouse.contracts import Schemas
from lakehouse.environments import Environment, names
from lakehouse.environments.prices import glue_cost_usd
from lakehouse.pipelines import Job
from lakehouse.pipelines.params import ParamError, check_param, evaluate

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger(__name__)


def run_job(
    env: Environment,
    job: Job,
    schemas: Schemas,
    spark: SparkSession,
    run_date: date,
    *,
    params: Mapping[str, str] | None = None,
    parent: Parent | None = None,
    trace_id: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> RunRow:
    """The audit row of the run when it succeeded; its error is raised when it did not, after everybody was told."""
    run_id, trace = str(uuid.uuid4()), trace_id or uuid.uuid4().hex
    with logs.bound(run_id=run_id, job_name=job.name, trace_id=trace, env=env.name):
        run = RunContext(
            env, job, schemas, run_date, run_id, trace, spark, _params(job, run_date, run_id, params or {}),
            Secrets(env), clients(env), log, progress,
        )  # fmt: skip
        return _Run(run, parent).go()


class _Run:
    """The frame around the work: audit, lineage, metrics, logs and alerts."""

    def __init__(self, run: RunContext, parent: Parent | None) -> None:
        self.run = run
        self.audit = Audit(run.env)
        self.metrics = Metrics(run.env, run.job.name)
        engine = Engine("spark", run.session.version)
        self.lineage = Lineage(run.env, run.job.name, run.run_id, run.run_date, parent, engine=engine)
        self.began = time.monotonic()

    def go(self) -> RunRow:
        run = self.run
        self.audit.start(
            RunRow(run.run_id, run.job.name, run.job.pipeline, run.run_date, trace_id=run.trace_id)
        )
        log.info("run started", extra={"run_date": run.run_date.isoformat()})
        self.lineage.start(self._datasets(run.job.reads), self._datasets(run.job.writes))
        try:
            job_type_for(run.job).execute(run)
            if run.problems:
                raise run.problems[0]
        except BaseException as raised:
            error = plain(raised)
            self._failed(error)
            if error is raised:
                raise
            raise error from raised
        finally:
            self._tidy()
        return self._succeeded()

    def _tidy(self) -> None:
        """What the run staged. A killed run's remains expire by the bucket's lifecycle."""
        staging = names.staging_uri(self.run.env, self.run.job.name, self.run.run_id)
        try:
            delete_prefix(self.run.aws.s3, S3Uri.parse(staging).folder)
        except Exception as error:  # the rows are written; files that stay cost cents and expire
            log.warning("staged files were not removed: %s", error)

    def _succeeded(self) -> RunRow:
        seconds, cost = self._measure()
        batch_id = next(iter(self.run.batch_ids.values()), "")
        row = self.audit.finish(
            self.run.run_id,
            tables=self.run.counts,
            seconds=seconds,
            cost_estimate_usd=cost,
            batch_id=batch_id,
            files=self.run.files,
        )
        self.lineage.complete(self._datasets(self.run.job.reads), self._datasets(self.run.job.writes))
        self.metrics.flush()
        log.info("run succeeded", extra={"seconds": round(seconds, 2), "batch_id": batch_id})
        return row

    def _failed(self, error: BaseException) -> None:
        # Whatever of this cannot be said must not hide the error itself.
        seconds, cost = self._measure()
        with suppress(Exception):
            self.audit.fail(
                self.run.run_id,
                error,
                tables=self.run.counts,
                files=self.run.files,
                seconds=seconds,
                cost_estimate_usd=cost,
            )
        self.lineage.fail(error, self._datasets(self.run.job.reads), self._datasets(self.run.job.writes))
        self.metrics.flush()
        log.error("run failed: %s", first_line(error), exc_info=not isinstance(error, RunError))
        if self.run.env.monitoring:
            return  # there sla_notifier tells, once, after the last retry
        body = {
            "job": self.run.job.name,
            "run_id": self.run.run_id,
            "run_date": self.run.run_date.isoformat(),
            "error": str(error),
        }
        alert(
            self.run.env,
            f"{self.run.job.name} failed: {first_line(error)}",
            {**body, "owner": self.run.job.owner},
        )

    def _measure(self) -> tuple[float, float]:
        seconds = time.monotonic() - self.began
        self.metrics.emit_duration(seconds)
        for table, counts in self.run.counts.items():
            self.metrics.emit_rowcount(table, counts.written)
        for table, files in self.run.files.items():
            self.metrics.emit_files(table, files)
        if self.run.critical_failures is not None:
            self.metrics.emit_critical_failures(self.run.critical_failures)
        return seconds, glue_cost_usd(self.run.env, seconds)

    def _datasets(self, tables: tuple[str, ...]) -> list[Dataset]:
        return [dataset(self.run.schemas, t, self.run.counts.get(t)) for t in tables]


def dataset(schemas: Schemas, table: str, counts: Counts | None) -> Dataset:
    """A table for lineage: its columns, and what each is made from as its contract says."""
    contract = schemas.contracts[table]
    sources: dict[str, list[tuple[str, str]]] = {}
    for column in contract.columns:
        stated = column.lake.derived_from or [
            f"{t}.{column.name}"
            for t in contract.lake.incremental_from
            if column.name in schemas.contracts[t].by_name
        ]
        sources[column.name] = [(name.rsplit(".", 1)[0], name.rsplit(".", 1)[1]) for name in stated]
    return Dataset(
        table, contract.stored, {k: v for k, v in sources.items() if v}, counts.written if counts else None
    )


def _params(job: Job, run_date: date, run_id: str, given: Mapping[str, str]) -> dict[str, Any]:
    known = {p.name: p for p in job.params}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise RunError(
            f"job {job.name} has no parameter '{unknown[0]}'; it has {', '.join(sorted(known)) or 'none'}",
            code="RUN051",
        )
    values = {}
    for name, param in known.items():
        if name in given:
            if param.secure:
                raise RunError(f"'{name}' is a secret and cannot be given as an argument", code="RUN051")
            param = type(param)(name, given[name], param.type, param.secure, param.description)
            try:
                check_param(param)
            except ParamError as error:
                raise RunError(f"parameter {name}: {error}; wanted {error.wanted}", code="RUN051") from None
        values[name] = evaluate(param, run_date=run_date, run_id=run_id, job_name=job.name)
    return values
