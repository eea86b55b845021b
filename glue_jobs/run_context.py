"""What every job gets and no job writes: its facts, session, leases, watermarks and row counts."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from glue_jobs.aws import Aws
from glue_jobs.errors import RunError
from glue_jobs.observability import logs
from glue_jobs.observability.secrets import Secrets
from glue_jobs.session import job_session
from glue_jobs.sources.source import require_source
from glue_jobs.state.audit import Counts
from glue_jobs.state.lease import lease
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables import delta_log
from glue_jobs.tables.delta_log import Txn
from glue_jobs.tables.target import Target, append
from lakehouse.contracts import Contract, Schemas, SourcedContract
from lakehouse.environments import Environment, names
from lakehouse.pipelines import Job
from lakehouse.pipelines.source_binding import sourced

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# A position as the control table keeps it: any JSON value, null before the first batch.
Json = Any


@dataclass(frozen=True)
class Batch:
    """A planned piece of input, from `position` to `until`: the same one however often it is started.

    `guard` raises when this run no longer holds the lease; call it right before each commit.
    """

    key: str
    number: int
    batch_id: str
    run_id: str
    position: Json
    until: Json
    resumed: bool
    planned_at: datetime
    guard: Callable[[], None]


@dataclass
class RunContext:
    """One execution of one job for one logical date."""

    env: Environment
    job: Job
    schemas: Schemas
    run_date: date
    run_id: str
    trace_id: str
    session: SparkSession
    params: Mapping[str, Any]
    secrets: Secrets
    aws: Aws
    log: logging.Logger
    progress: Callable[[str], None] = lambda _: None
    counts: dict[str, Counts] = field(default_factory=dict)
    files: dict[str, dict[str, int]] = field(default_factory=dict)
    batch_ids: dict[str, str] = field(default_factory=dict)
    problems: list[RunError] = field(default_factory=list)
    critical_failures: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def contract(self, table: str) -> Contract:
        """The contract of a table, bound to the source that this job's row names."""
        return sourced(self.job, self.schemas.contracts[table])

    def sourced_contract(self, table: str) -> SourcedContract:
        """The contract of a table with its source.

        Raises SourceError (RUN106) when neither contract nor job names one.
        """
        return require_source(self.contract(table))

    def uri(self, table: str) -> str:
        """Where a table lies."""
        return names.table_uri(self.env, table)

    def staging_uri(self) -> str:
        """A folder for files that live no longer than this run."""
        return names.staging_uri(self.env, self.job.name, self.run_id)

    def secret_of(self, param: str) -> dict[str, str]:
        """The secret that a `secure` parameter of this job names.

        Raises RunError (RUN013) without such a parameter.
        """
        secret = next((p.secret_name for p in self.job.params if p.name == param), None)
        if secret is None:
            raise RunError(
                f"job {self.job.name} has no secure parameter '{param}' in proc_param.csv", code="RUN013"
            )
        return self.secrets.get(secret)

    @contextmanager
    def batch(self, resource: str, key: str, plan: Callable[[Json], Json]) -> Iterator[Batch | None]:
        """Plans the next batch under the lease of `resource`, or takes up the one that a killed run left.

        Gives None when there is nothing new. The watermark `key` moves when the block ends without an error,
        and never before. Every log line of the block carries the batch id.
        """
        with lease(self.env, resource, self.run_id) as held:
            watermark = Watermarks(self.env).open(key)
            resumed = watermark.pending is not None
            if not resumed:
                until = plan(watermark.position)
                if until is None or until == watermark.position:
                    yield None
                    return
                watermark.plan_batch(until, batch_id=str(uuid.uuid4()), run_id=self.run_id)
            state = watermark.state
            self.batch_ids[resource] = state.batch_id
            with logs.bound(batch_id=state.batch_id):
                yield Batch(
                    key,
                    state.batch,
                    state.batch_id,
                    state.run_id,
                    state.position,
                    state.pending,
                    resumed,
                    datetime.fromisoformat(state.updated_at),
                    held.check,
                )
                held.check()
                watermark.commit()

    def target(self, contract: Contract, batch: Batch) -> Target:
        """The table as this batch writes it.

        Each write has a session of its own, so that the settings of its transaction reach no other table.
        """
        txn = Txn(batch.key, batch.number, batch.batch_id)
        return Target(job_session(self.session), self.uri(contract.table), contract, txn, batch.guard)

    def create_table(self, contract: Contract, app: str) -> None:
        """Creates the table without rows where it is missing, under its lease, in transaction `<app>.made`.

        A source without rows has a table too: its readers find no rows instead of no table.
        """
        uri = self.uri(contract.table)
        if delta_log.version(self.session, uri) >= 0:
            return
        with lease(self.env, contract.table, self.run_id) as held:
            txn = Txn(f"{app}.made", 1, "")
            target = Target(job_session(self.session), uri, contract, txn, held.check)
            if target.version < 0:
                append(target, self.session.createDataFrame([], contract.ddl))

    def quarantine_uri(self, contract: Contract, batch: Batch) -> str:
        """The folder that takes the rejected rows of a batch."""
        return names.quarantine_uri(self.env, contract.table, self.run_date, batch.run_id)

    def count(self, table: str, counts: Counts) -> None:
        """Records the rows of a table that is done."""
        with self._lock:
            self.counts[table] = counts
        self.progress(table)
        self.log.info("table %s done", table, extra={"table": table, **asdict(counts)})

    def report_broken_source(self, table: str, counts: Counts, where: str) -> None:
        """Adds a problem (RUN112) when more rows were quarantined than the environment tolerates."""
        if counts.quarantined > self.env.quarantine.fail_above_ratio * counts.rows_in:
            self.problems.append(
                RunError(
                    f"{table}: {counts.quarantined} of {counts.rows_in} rows break the contract, {where}",
                    code="RUN112",
                )
            )
