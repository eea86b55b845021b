"""Writes the rows of a replay: appended or merged, as the table's own job does it."""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql import Column
from pyspark.sql import functions as F

from glue_jobs.contract import ValidatedRows, add_metadata_columns
from glue_jobs.job_types.table_write import TableWrite
from glue_jobs.job_types.write_modes import merge_staged
from glue_jobs.run_context import Batch, RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.tables import merge as merging
from glue_jobs.tables.row_counts import observe, write_observed
from glue_jobs.tables.target import append
from lakehouse.contracts import Contract


def write_rows(
    run: RunContext, contract: Contract, batch: Batch, validated: ValidatedRows, forgotten: Column
) -> Counts:
    """Writes what is valid in the transaction of the batch; `forgotten` rows count as deduplicated."""
    target = run.target(contract, batch)
    if contract.lake.write == "merge":
        last = validated.is_invalid | forgotten
        ranked = merging.rank_by_recency(validated.rows, contract, last)
        # The rank of a forgotten row is none that is merged.
        ranked = ranked.withColumn("_rank", F.when(forgotten, 2).otherwise(F.col("_rank")))
        write = TableWrite(run, contract, batch, validated.rows)
        return merge_staged(write, target, replace(validated, rows=ranked))
    observed = observe(validated, forgotten)
    source = contract.lake.source
    stored = add_metadata_columns(
        observed.accepted,
        ingest_ts=batch.planned_at,
        batch_id=batch.batch_id,
        system=source.system if source else "",
        run_date=batch.run_date,
    )
    columns = stored.select(*[name for name, _ in contract.stored])
    return write_observed(target, observed, columns, append)
