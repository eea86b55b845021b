"""What every job gets and no job writes: its facts, session, leases, watermarks and row counts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from glue_jobs.aws import Aws
from glue_jobs.contract import masked
from glue_jobs.errors import RunError
from glue_jobs.observability.secrets import Secrets
from glue_jobs.session import job_session
from glue_jobs.sources.source import require_source
from glue_jobs.state.audit import Counts
from glue_jobs.state.batch import Batch, BatchRequest, Json, open_batch
from glue_jobs.state.lease import lease
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables import delta_log
from glue_jobs.tables.delta_log import Txn
from glue_jobs.tables.evolution import evolve
from glue_jobs.tables.forgotten_rows import forgotten_flag, masking_key
from glue_jobs.tables.target import Target, append
from lakehouse.contracts import Contract, Schemas, SourcedContract
from lakehouse.environments import Environment, names
from lakehouse.pipelines import Job
from lakehouse.pipelines.backfill import BackfillWindow
from lakehouse.pipelines.source_binding import sourced

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["Batch", "Json", "RunContext"]


@dataclass
class RunContext:
    """One execution of one job for one logical date.

    `full_refresh`: transforms read all of their inputs and make their tables anew. `window`: ingests read
    these days of their sources. `force`: tables to make anew, judge whole or publish whole, though nothing
    changed. `unchanged`: tables without news, each with the time since when (ISO 8601, UTC).
    """

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
    warnings: list[str] = field(default_factory=list)
    critical_failures: int | None = None
    full_refresh: bool = False
    window: BackfillWindow | None = None
    force: frozenset[str] = frozenset()
    unchanged: dict[str, str] = field(default_factory=dict)
    _counts_by_batch: dict[str, dict[str, Counts]] = field(default_factory=dict)
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

    def masked(self, rows: DataFrame, rules: Mapping[str, str]) -> DataFrame:
        """`rows` with the columns that `rules` names masked; see `masking_key` for the key and its error."""
        return masked(rows, rules, masking_key(self.env, self.secrets) if "hash" in rules.values() else "")

    def forgotten(self, contract: Contract) -> Callable[[DataFrame], DataFrame] | None:
        """What flags the rows of forgotten persons (glue_jobs/contract/forgotten.py) among those of a table.

        None where nobody was forgotten by a column of it: then no row is looked at.
        """
        return forgotten_flag(self.env, self.secrets, contract)

    @contextmanager
    def batch(
        self,
        resource: str,
        key: str,
        plan: Callable[[Json], Json],
        is_void: Callable[[Json], bool] = lambda _: False,
    ) -> Iterator[Batch | None]:
        """`open_batch` of this run: the next batch of the watermark `key`, under the lease of `resource`."""
        request = BatchRequest(resource, key, self.run_id, self.run_date, plan, is_void)
        with open_batch(self.env, request) as batch:
            if batch is not None:
                self.batch_ids.setdefault(resource, batch.batch_id)
            yield batch

    def target(self, contract: Contract, batch: Batch) -> Target:
        """The table as this batch writes it, with the columns of its contract.

        Each write has a session of its own, so that the settings of its transaction reach no other table.
        """
        txn = Txn(batch.key, batch.number, batch.batch_id)
        session, uri = job_session(self.session), self.uri(contract.table)
        written = batch.resumed and delta_log.committed(session, uri, txn)
        target = Target(session, uri, contract, txn, batch.guard, already_written=written)
        evolve(target, anew=batch.makes_anew)
        return target

    def create_table(self, contract: Contract, app: str) -> None:
        """Creates the table without rows where it is missing, under its lease, in transaction `<app>.made`.

        A table that exists gets the columns of its contract.
        A source without rows has a table too: its readers find no rows instead of no table.
        """
        uri = self.uri(contract.table)
        with lease(self.env, contract.table, self.run_id) as guard:
            txn = Txn(f"{app}.made", 1, "")
            target = Target(job_session(self.session), uri, contract, txn, guard.check)
            if target.version < 0:
                append(target, self.session.createDataFrame([], contract.ddl))
            else:
                evolve(target)

    def quarantine_uri(self, contract: Contract, batch: Batch) -> str:
        """The folder that takes the rejected rows of a batch."""
        return names.quarantine_uri(self.env, contract.table, batch.run_date, batch.run_id)

    def count(self, table: str, counts: Counts, batch_id: str = "") -> None:
        """Records the rows that a batch brought to a table; the batches of a table are added up."""
        with self._lock:
            first = table not in self._counts_by_batch
            by_batch = self._counts_by_batch.setdefault(table, {})
            by_batch[batch_id] = counts
            self.counts[table] = sum(by_batch.values(), Counts())
        if first:
            self.progress(table)
        self.log.info("table %s done", table, extra={"table": table, **asdict(counts)})

    def makes_anew(self, table: str) -> bool:
        """Whether whoever started the run asked for the whole of a table, though nothing changed."""
        return self.full_refresh or table in self.force

    def count_unchanged(self, table: str, key: str) -> None:
        """Records that a table has no news since its watermark `key` was moved last."""
        since = Watermarks(self.env).read(key).updated_at
        if since:
            self.unchanged[table] = since
        self.count(table, Counts())

    def warn(self, message: str, **fields: Any) -> None:
        """Logs a warning, and keeps it for the audit and for whoever started the run."""
        with self._lock:
            if message not in self.warnings:
                self.warnings.append(message)
        self.log.warning(message, extra=fields)

    def report_broken_source(self, table: str, counts: Counts, where: str) -> None:
        """Adds a problem (RUN112) when more rows were quarantined than the environment tolerates."""
        if counts.quarantined > self.env.quarantine.fail_above_ratio * counts.rows_in:
            problem = f"{table}: {counts.quarantined} of {counts.rows_in} rows break the contract, {where}"
            self.problems.append(RunError(problem, code="RUN112"))
