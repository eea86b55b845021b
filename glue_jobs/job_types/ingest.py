"""Loads a source into bronze: contract, quarantine, metadata columns and append in one pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import ModuleType

from pyspark.sql import Column
from pyspark.sql import functions as F

from glue_jobs.contract import ValidatedRows, add_metadata_columns, align_to_schema, validate_and_quarantine
from glue_jobs.contract.forgotten import FORGOTTEN, is_forgotten
from glue_jobs.instants import instant
from glue_jobs.job_types.batches import run_batches
from glue_jobs.job_types.file_order import ordered_by_file
from glue_jobs.job_types.file_quarantine import quarantine_files, report_unreadable_files
from glue_jobs.job_types.reconcile import count_unread, reconcile
from glue_jobs.job_types.retries import run_tables
from glue_jobs.run_context import Batch, Json, RunContext
from glue_jobs.sources.registry import source_for
from glue_jobs.sources.source import LOST_ROWS, Extract, Source, SourceError
from glue_jobs.sources.window import WindowedSource
from glue_jobs.tables.merge import content_hash
from glue_jobs.tables.read import newest
from glue_jobs.tables.row_counts import observe, write_observed
from glue_jobs.tables.target import Target, append
from glue_jobs.user_code import function_of
from lakehouse.contracts import Contract, SourcedContract
from lakehouse.pipelines.job_keys import backfill_watermark, ingest_watermark


@dataclass(frozen=True)
class Ingest:
    """Fills the bronze tables that the job row names.

    `functions` holds a function of each table's name: it makes rows of a source's documents, where these are
    not rows.
    """

    functions: ModuleType | None = None

    def execute(self, run: RunContext) -> None:
        run_tables(run, lambda table: self._ingest(run, run.sourced_contract(table)), run.job.writes)

    def _ingest(self, run: RunContext, contract: SourcedContract) -> None:
        source = source_for(
            contract, run.env, run.session, run.secrets, run.aws, run.staging_uri(), run.window
        )
        key = backfill_watermark(contract, run.window) if run.window else ingest_watermark(contract)

        def write(batch: Batch) -> None:
            self._write(run, contract, source, batch)

        def plan(position: Json) -> Json:
            return source.plan(position, run.run_date)

        # A window is read to its end; without one, what is more than a run may read waits for the next run.
        if not run_batches(run, contract.table, key, plan, write, to_end=run.window is not None):
            run.count_unchanged(contract.table, key)
            run.create_table(contract, ingest_watermark(contract))
        if waiting := source.ahead():
            run.warn(f"{contract.table}: {waiting} bear a time in the future, and wait until it comes")

    def _write(self, run: RunContext, contract: SourcedContract, source: Source, batch: Batch) -> None:
        if isinstance(source, WindowedSource):
            batch = replace(batch, position=source.begin(batch.position))
        target = run.target(contract, batch)
        try:
            extract = source.read(batch.position, batch.until)
        except SourceError as error:
            if error.code not in LOST_ROWS or not target.already_written:
                raise
            count_unread(run, batch, target, error)
            return
        try:
            self._store(run, contract, batch, extract)
        except Exception as error:
            again = extract.read_again(error)
            if again is None:
                raise
            run.log.info("files of the batch are read again, as streams", extra={"table": contract.table})
            self._store(run, contract, batch, again)

    def _store(self, run: RunContext, contract: SourcedContract, batch: Batch, extract: Extract) -> None:
        target = run.target(contract, batch)
        quarantine_files(run, contract, batch, extract)
        if extract.extra_columns:
            names = ", ".join(extract.extra_columns)
            run.warn(f"{contract.table}: the source has columns that the contract lacks: {names}")
        parse = function_of(self.functions, contract.table) if self.functions else None
        rows = parse(extract.rows) if parse else extract.rows
        validated = validate_and_quarantine(align_to_schema(rows, contract, text=extract.text), contract)
        if flag := run.forgotten(contract):
            validated = replace(validated, rows=flag(validated.rows))
        validated, duplicate = _flag_reread(run, target, contract, batch, validated)
        forgotten = is_forgotten(validated.rows)
        observed = observe(validated, duplicate | forgotten, {FORGOTTEN: F.count_if(forgotten)})
        rows, ingest_ts = ordered_by_file(observed.accepted, batch)
        stored = add_metadata_columns(
            rows,
            ingest_ts=ingest_ts,
            batch_id=batch.batch_id,
            system=contract.source.system,
            run_date=batch.run_date,
        ).select(*[name for name, _ in contract.stored])
        counts = write_observed(target, observed, stored, append)
        counts = replace(counts, quarantined_files=len(extract.rejected))
        if refused := observed.metrics()[FORGOTTEN]:
            run.warn(f"{contract.table}: {refused} rows of forgotten persons count as deduplicated")
        reconcile(run, batch, target, counts, validated)
        report_unreadable_files(run, contract, extract)


def _flag_reread(
    run: RunContext, target: Target, contract: Contract, batch: Batch, validated: ValidatedRows
) -> tuple[ValidatedRows, Column]:
    """Flags the rows that the overlap window reads a second time: same key, same sequence, same content.

    What this batch itself has written, in a run that was killed, is new in it.
    """
    high = batch.position.get("high") if isinstance(batch.position, dict) else None
    source = contract.lake.source
    if not source or not source.overlap_minutes or high is None or target.version < 0:
        return validated, F.lit(False)
    low = datetime.fromisoformat(high) - timedelta(minutes=source.overlap_minutes)
    watermark = F.col(str(contract.lake.watermark_column))
    overlap = newest(run.session, target.uri, contract.table).where(watermark >= instant(low))
    overlap = overlap.where(F.col("_batch_id") != batch.batch_id)
    keys = [*contract.primary_key, str(contract.lake.sequence)]
    stored = overlap.select(
        *[F.col(k).alias(f"_k_{k}") for k in keys], content_hash(contract.column_names).alias("_k_content")
    ).distinct()
    same = content_hash(contract.column_names) == F.col("_k_content")
    for key in keys:
        same = same & F.col(key).eqNullSafe(F.col(f"_k_{key}"))
    joined = validated.rows.join(stored, same, "left")
    rows = joined.withColumn("_known", F.col("_k_content").isNotNull()).drop(*stored.columns)
    return replace(validated, rows=rows), F.col("_known")
