"""Source to bronze: contract, error lane, metadata columns and append in one pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import ModuleType

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract import ValidatedRows, add_metadata_columns, align_to_schema, validate_and_quarantine
from glue_jobs.job_types.concurrency import side_by_side
from glue_jobs.job_types.reconcile import reconcile
from glue_jobs.run_context import Batch, RunContext
from glue_jobs.sources.registry import source_for
from glue_jobs.sources.source import Source
from glue_jobs.state.audit import Counts
from glue_jobs.tables.delta_log import Txn
from glue_jobs.tables.merge import content_hash
from glue_jobs.tables.read import newest
from glue_jobs.tables.row_counts import observe, write_observed
from glue_jobs.tables.target import Target, append
from glue_jobs.user_code import function_of
from lakehouse.contracts import Contract, SourcedContract
from lakehouse.environments import names

Shape = Callable[[DataFrame], DataFrame]


@dataclass(frozen=True)
class Ingest:
    """Fills the bronze tables that its job row names. `functions` holds a pure function of the table's name for a source whose documents are not its rows."""

    functions: ModuleType | None = None

    def execute(self, run: RunContext) -> None:
        side_by_side(lambda table: self._ingest(run, run.sourced_contract(table)), run.job.writes)

    def _ingest(self, run: RunContext, contract: SourcedContract) -> None:
        origin = source_for(
            contract,
            run.env,
            run.session,
            run.secrets,
            run.aws,
            names.staging_uri(run.env, run.job.name, run.run_id),
        )
        key = contract.lake.watermark_state_key or contract.table
        with run.batch(contract.table, key, lambda position: origin.plan(position, run.run_date)) as batch:
            if batch is not None:
                self._write(run, contract, origin, batch)
                return
            run.count(contract.table, Counts())
            target = Target(
                run.session, run.uri(contract.table), contract, Txn(f"{key}.made", 1, ""), lambda: None
            )
            if target.version < 0:
                # A source that never had a row still has a table: what reads it finds no rows, and not no table.
                append(target, run.session.createDataFrame([], contract.ddl))

    def _write(self, run: RunContext, contract: SourcedContract, origin: Source, batch: Batch) -> None:
        target = run.target(contract, batch)
        extract = origin.read(batch.position, batch.until)
        if extract.extra_columns:
            run.log.warning(
                "source has columns that the contract does not know",
                extra={"table": contract.table, "columns": list(extract.extra_columns)},
            )
        shape: Shape | None = function_of(self.functions, contract.table) if self.functions else None
        rows = shape(extract.rows) if shape else extract.rows
        checked = validate_and_quarantine(align_to_schema(rows, contract, text=extract.text), contract)
        checked, duplicate = _known(run, target, contract, batch, checked)
        pass_ = observe(checked, duplicate)
        marked = add_metadata_columns(
            pass_.accepted,
            ingest_ts=batch.planned_at,
            batch_id=batch.batch_id,
            system=contract.source.system,
            run_date=run.run_date,
        )
        kept = marked.select(*[name for name, _ in contract.stored])
        reconcile(run, batch, contract, write_observed(target, pass_, kept, append), checked)


def _known(
    run: RunContext, target: Target, contract: Contract, batch: Batch, checked: ValidatedRows
) -> tuple[ValidatedRows, Column]:
    """Flags the rows that the overlap window brings a second time: same key, same sequence, same content."""
    high = (batch.position or {}).get("high") if isinstance(batch.position, dict) else None
    source = contract.lake.source
    if not source or not source.overlap_minutes or high is None or target.version < 0 or target.committed:
        return checked, F.lit(False)
    low = datetime.fromisoformat(high) - timedelta(minutes=source.overlap_minutes)
    watermark = F.col(str(contract.lake.watermark_column))
    stored = newest(run.session, target.uri, contract.table).where(watermark >= F.lit(low).cast("timestamp"))
    keys = [*contract.primary_key, str(contract.lake.sequence)]
    known = stored.select(
        *[F.col(k).alias(f"_k_{k}") for k in keys], content_hash(contract.column_names).alias("_k_content")
    ).distinct()
    content = content_hash(contract.column_names)
    same = content == F.col("_k_content")
    for k in keys:
        same = same & F.col(k).eqNullSafe(F.col(f"_k_{k}"))
    joined = checked.rows.join(F.broadcast(known), same, "left").withColumn(
        "_known", F.col("_k_content").isNotNull()
    )
    rows = joined.drop(*known.columns)
    return replace(checked, rows=rows), F.col("_known")
