"""Tries rejected rows of a table again, through its contract into the table, exactly once."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import functions as F

from glue_jobs.contract import ValidatedRows
from glue_jobs.contract.forgotten import is_forgotten
from glue_jobs.contract.validate import POSITION
from glue_jobs.errors import RunError
from glue_jobs.job_types.batches import run_batches
from glue_jobs.job_types.replay_rows import ReplayedRows
from glue_jobs.job_types.replay_write import write_rows
from glue_jobs.job_types.replayable import require_replayable
from glue_jobs.job_types.transform import Transform
from glue_jobs.run_context import Batch, Json, RunContext
from glue_jobs.s3 import S3Uri
from glue_jobs.state.audit import Counts
from glue_jobs.tables import delta_log
from glue_jobs.tables import quarantine_ledger as ledger
from glue_jobs.tables.row_counts import filters_stay_above
from lakehouse.contracts import Contract
from lakehouse.pipelines.job_keys import replay_watermark

REPLAY, INPUTS = "replay", "inputs"


@dataclass(frozen=True)
class Replay:
    """One replay of a table: the folder `replays/<id>/` of its quarantine says which rows are tried.

    Rows that pass are appended or merged as the table's own job does it; those that do not stay open, with
    their new reasons. A replay that was killed goes on where it was; one that is done does nothing.
    `transform` is the table's own job where a function or a query makes the table: rows that nobody edited
    are derived again from its inputs.
    """

    table: str
    id: str
    transform: Transform | None = None

    def execute(self, run: RunContext) -> None:
        """Raises RunError: RUN630 for a replay that does not exist, RUN631 for a table that takes none."""
        contract = run.contract(self.table)
        require_replayable(contract)
        _request(run, self.table, self.id)
        key = replay_watermark(self.table)

        def plan(position: Json) -> Json:
            folder = ledger.replay_folder(run.env, self.table, self.id)
            if ledger.is_done(run.aws.s3, folder):
                return position
            inputs = self.transform.inputs(run, self.table) if self.transform else []
            versions = {t: delta_log.version(run.session, run.uri(t)) for t in inputs}
            return {REPLAY: self.id, INPUTS: versions}

        if contract.lake.write == "append":
            run.create_table(contract, key)
        if not run_batches(run, self.table, key, plan, lambda batch: self._write(run, contract, batch)):
            run.count(self.table, Counts())

    def _write(self, run: RunContext, contract: Contract, batch: Batch) -> None:
        # A replay that was killed comes first, and it is another one than this.
        request = _request(run, self.table, batch.until[REPLAY])
        folder = ledger.replay_folder(run.env, self.table, request["replay"])
        ids = _decided_meanwhile(run, self.table, request["replay"])
        rows = ReplayedRows(run, contract, folder, ids, self.transform, batch.until[INPUTS], batch.run_date)
        validated = rows.validated()
        if flag := run.forgotten(contract):
            validated = replace(validated, rows=flag(validated.rows))
        counts = write_rows(run, contract, batch, validated, is_forgotten(validated.rows))
        if counts.quarantined:
            _write_failed(validated, folder)
        left = counts.rows_in - counts.quarantined
        facts = {**request, "at": datetime.now(UTC).isoformat(), "run_id": run.run_id}
        facts |= {"tried": counts.rows_in, "failed": counts.quarantined, "batch_id": batch.batch_id}
        ledger.put_done(run.aws.s3, folder, facts)
        if counts.quarantined:
            run.warn(
                f"{self.table}: {counts.quarantined} of {counts.rows_in} replayed rows break the contract "
                f"again and stay open: `lakehouse quarantine list --env {run.env.name} --table {self.table}`"
            )
        run.count(self.table, replace(counts, rows_in=left, quarantined=0, replayed=left), batch.batch_id)


def _request(run: RunContext, table: str, replay: str) -> dict[str, Any]:
    """What was asked. Raises RunError (RUN630) when no such replay was ever asked for."""
    file = ledger.replay_folder(run.env, table, replay).child(ledger.REQUEST)
    text = ledger.read_text(run.aws.s3, file)
    if text is None:
        raise RunError(f"{table} has no replay '{replay}' in {file}", code="RUN630")
    request: dict[str, Any] = json.loads(text)
    return request


def _decided_meanwhile(run: RunContext, table: str, replay: str) -> list[str]:
    """Ids of rows that another replay or a discard has taken since this one was asked for."""
    bucket = ledger.replay_folder(run.env, table, replay).bucket
    others = ledger.decisions(run.aws.s3, bucket, table, but=replay)
    return sorted(name for name, decision in others.items() if decision.state != ledger.OPEN)


def _write_failed(validated: ValidatedRows, folder: S3Uri) -> None:
    failed = filters_stay_above(validated.rows).where(validated.is_invalid)
    lines = failed.select(F.col(POSITION).alias("id"), validated.reasons.alias("reasons"))
    lines.write.mode("overwrite").json(str(folder.child(ledger.FAILED)))
