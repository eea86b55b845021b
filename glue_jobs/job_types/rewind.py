"""A step of a rewind: a dimension is made again from an instant on, or a table gives the rows it ever had."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

from glue_jobs.contract import validate_and_quarantine
from glue_jobs.contract.validate import REJECT
from glue_jobs.errors import RunError
from glue_jobs.instants import instant
from glue_jobs.job_types.rewind_history import inputs_with_history, write_history
from glue_jobs.job_types.transform import Transform
from glue_jobs.run_context import Batch, Json, RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.tables import delta_log, read, scd2_rewind
from glue_jobs.tables.scd2 import check_surrogate_keys
from glue_jobs.tables.target import Target
from lakehouse.contracts import Contract
from lakehouse.contracts.masking import masks_on_write
from lakehouse.pipelines.job_keys import rewind_watermark
from lakehouse.pipelines.rewind import RewindRequest

REWIND = "rewind"


@dataclass(frozen=True)
class RewindStep:
    """The part of a rewind that the job of one table does.

    A table that keeps the newest row of each key writes the rows that it ever had into a folder. A dimension
    is made again from them, in one commit, and so are the tables of the same job that look it up. A step that
    was killed is started again; one that is done changes nothing.
    """

    request: RewindRequest
    transform: Transform

    def execute(self, run: RunContext) -> None:
        """Raises RunError: RUN201 for a missing table, RUN651 for a history that nothing holds any more."""
        contract = run.contract(self.request.table)
        if contract.lake.write != "scd2":
            write_history(run, self.transform, contract, self.request)
            return
        if delta_log.version(run.session, run.uri(contract.table)) < 0:
            raise RunError(f"there is no table {contract.table}; run its job first", code="RUN201")
        requested = {REWIND: self.request.id, "from": self.request.start.isoformat()}

        def plan(position: Json) -> Json:
            return position if position and position.get(REWIND) == self.request.id else requested

        # Another rewind that was killed is given up: this one makes all of its rows again.
        def is_void(pending: Json) -> bool:
            return bool(pending != requested)

        with run.batch(contract.table, rewind_watermark(contract.table), plan, is_void) as batch:
            if batch is None:
                run.count(contract.table, Counts())
            else:
                self._rewind(run, contract, batch)
        self.transform.build(run, self._dependents(run))

    def _rewind(self, run: RunContext, contract: Contract, batch: Batch) -> None:
        target, written = run.target(contract, batch), 0
        if not target.already_written:
            written = self._write(run, target)
        run.count(contract.table, Counts(written, written), batch.batch_id)

    def _write(self, run: RunContext, target: Target) -> int:
        """How many versions were written. A rewind that changes nothing needs no MERGE."""
        contract, start = target.contract, self.request.start
        folder = f"{run.staging_uri()}/{contract.table}"
        states = self._states(run, contract)
        states.where(F.col("valid_since") >= instant(start)).write.mode("overwrite").parquet(
            f"{folder}.states"
        )
        states = run.session.read.schema(states.schema).parquet(f"{folder}.states")
        check_surrogate_keys(states, contract, list(contract.lake.business_key))
        stored = read.newest(run.session, target.uri, contract.table)
        rows = scd2_rewind.rewound(stored, states, contract, start)
        observation = Observation(f"rewound-{uuid.uuid4()}")
        changes = scd2_rewind.changes(stored, rows, contract, start)
        is_written = F.col(scd2_rewind.ACTION) != scd2_rewind.DELETE
        observed = changes.observe(
            observation, F.count(F.lit(1)).alias("changes"), F.count_if(is_written).alias("written")
        )
        observed.write.mode("overwrite").parquet(f"{folder}.changes")
        metrics = observation.get
        if metrics["changes"]:
            scd2_rewind.apply(target, run.session.read.schema(changes.schema).parquet(f"{folder}.changes"))
        return int(metrics["written"])

    def _states(self, run: RunContext, contract: Contract) -> DataFrame:
        """The states that the table's function makes of all that its inputs ever held, masked as stored."""
        frames = inputs_with_history(run, self.transform, contract, self.request)
        rows = self.transform.call(run, contract.table, run.run_date, frames)
        columns = [*contract.lake.business_key, "valid_since", *contract.lake.tracked]
        part = replace(contract, columns=tuple(contract.by_name[name] for name in columns))
        reject = [REJECT] if REJECT in rows.columns else []
        validated = validate_and_quarantine(rows.select(*columns, *reject), part)
        valid = validated.rows.where(~validated.is_invalid).select(*columns)
        return run.masked(valid, masks_on_write(contract))

    def _dependents(self, run: RunContext) -> list[str]:
        """The tables of this job that read the dimension, and those that read these."""

        def reached(tables: list[str]) -> Iterator[str]:
            for table in run.job.writes:
                inputs = self.transform.inputs(run, table)
                if table not in tables and any(t in tables for t in inputs if t != table):
                    yield table

        tables = [self.request.table]
        while more := list(reached(tables)):
            tables += more
        return tables[1:]
