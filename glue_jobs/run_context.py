"""What every job gets and no job writes: its facts, its session, its leases and watermarks, and where it counts its rows."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from glue_jobs.aws import Aws
from glue_jobs.errors import RunError
from glue_jobs.observability.secrets import Secrets
from glue_jobs.session import job_session
from glue_jobs.sources.source import require_source
from glue_jobs.state.audit import Counts
from glue_jobs.state.lease import lease
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables.delta_log import Txn
from glue_jobs.tables.target import Target
from lakehouse.contracts import Contract, Schemas, SourcedContract
from lakehouse.environments import Environment, names
from lakehouse.pipelines import Job
from lakehouse.pipelines.source_binding import sourced

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Json = Any


@dataclass(frozen=True)
class Batch:
    """One planned piece of work: from `position` to `until`, the same however often it is started."""

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
        return sourced(self.job, self.schemas.contracts[table])

    def sourced_contract(self, table: str) -> SourcedContract:
        """The contract of a table with its source. Raises SourceError (RUN106) when neither contract nor job names one."""
        return require_source(self.contract(table))

    def uri(self, table: str) -> str:
        return names.table_uri(self.env, table)

    def secret_of(self, param: str) -> dict[str, str]:
        """The secret that a `secure` parameter of this job names."""
        found = next((p.secret_name for p in self.job.params if p.name == param), None)
        if found is None:
            raise RunError(
                f"job {self.job.name} has no secure parameter '{param}' in proc_param.csv", code="RUN013"
            )
        return self.secrets.get(found)

    @contextmanager
    def batch(self, resource: str, key: str, plan: Callable[[Json], Json]) -> Iterator[Batch | None]:
        """Plan the next batch, or take up the one that a killed run left; None when there is nothing new.

        The watermark moves when the block ends without an error, and never before.
        """
        with lease(self.env, resource, self.run_id) as held:
            mark = Watermarks(self.env).open(key)
            resumed = mark.pending is not None
            if not resumed:
                until = plan(mark.position)
                if until is None or until == mark.position:
                    yield None
                    return
                mark.plan_batch(until, batch_id=str(uuid.uuid4()), run_id=self.run_id)
            found = mark.state
            planned = datetime.fromisoformat(found.updated_at)
            self.batch_ids[resource] = found.batch_id
            yield Batch(
                key,
                found.batch,
                found.batch_id,
                found.run_id,
                found.position,
                found.pending,
                resumed,
                planned,
                held.check,
            )
            held.check()
            mark.commit()

    def target(self, contract: Contract, batch: Batch) -> Target:
        """Each table is written by a session of its own: a transaction's settings must not reach another's."""
        txn = Txn(batch.key, batch.number, batch.batch_id)
        return Target(job_session(self.session), self.uri(contract.table), contract, txn, batch.guard)

    def quarantine_uri(self, contract: Contract, batch: Batch) -> str:
        """The folder that takes the rejected rows of a batch."""
        return names.error_lane(self.env, contract.table, self.run_date, batch.run_id)

    def count(self, table: str, counts: Counts) -> None:
        with self._lock:
            self.counts[table] = counts
        self.progress(table)
        self.log.info("table %s done", table, extra={"table": table, **counts.__dict__})

    def report_broken_source(self, table: str, counts: Counts, where: str) -> None:
        """Adds a problem (RUN112) when more rows were quarantined than the environment tolerates."""
        if counts.quarantined > self.env.quarantine.fail_above_ratio * counts.rows_in:
            self.problems.append(
                RunError(
                    f"{table}: {counts.quarantined} of {counts.rows_in} rows break the contract, {where}",
                    code="RUN112",
                )
            )
