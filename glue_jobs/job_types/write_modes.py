"""Writes a built table in the mode that its contract states in `x-lake.write`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as replace_fields

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from glue_jobs.contract import FlaggedRows, ValidatedRows, validate_and_quarantine
from glue_jobs.job_types.reconcile import reconcile
from glue_jobs.job_types.table_write import TableWrite
from glue_jobs.job_types.write_scd2 import scd2
from glue_jobs.state.audit import Counts
from glue_jobs.tables import merge as merging
from glue_jobs.tables import target as files
from glue_jobs.tables.day import is_of
from glue_jobs.tables.row_counts import observe, write_observed
from glue_jobs.tables.target import Target


def merge(write: TableWrite) -> None:
    """Keeps the newest row per key.

    The first load is a plain append; later ones are staged in files and merged.
    """
    run, contract, batch = write.run, write.contract, write.batch
    target = run.target(contract, batch)
    first, rows = target.first or batch.makes_anew, write.on_contract(write.rows)
    validated = validate_and_quarantine(write.with_unknown_member(rows) if first else rows, contract)
    again = None if first else write.again
    if again is not None:
        validated = _with_rows_derived_again(write, validated, again)
    ranked_rows = merging.rank_by_recency(validated.rows, contract, validated.is_invalid)
    if again is not None:
        # All rows of such a key are here, so the newest of them is right, if it was derived again or not.
        of_key = Window.partitionBy(*contract.primary_key)
        ranked_rows = ranked_rows.withColumn(merging.AGAIN, F.max(merging.AGAIN).over(of_key))
    ranked = replace_fields(validated, rows=ranked_rows)
    if first:
        observed = observe(ranked, F.col("_rank") > 1)
        accepted = files.one_task_per_partition(write.accepted(observed, contract.column_names), contract)
        counts = write_observed(target, observed, accepted, write.whole)
    else:
        counts = merge_staged(write, target, ranked)
    reconcile(run, batch, target, counts, validated)


def _with_rows_derived_again(write: TableWrite, validated: ValidatedRows, again: DataFrame) -> ValidatedRows:
    """Adds the valid ones of the rows derived again; an invalid one is in quarantine since its first time."""
    rows = validate_and_quarantine(write.on_contract(again), write.contract)
    valid = rows.rows.where(~rows.is_invalid).withColumn(merging.AGAIN, F.lit(True))
    return replace_fields(
        validated, rows=validated.rows.withColumn(merging.AGAIN, F.lit(False)).unionByName(valid)
    )


def merge_staged(write: TableWrite, target: Target, ranked: FlaggedRows) -> Counts:
    """Merges the valid rows of rank 1 into a table that exists."""
    contract = write.contract
    valid_key = F.when(~ranked.is_invalid, F.col(contract.primary_key[0]))
    bounds = {"low": F.min(valid_key), "high": F.max(valid_key)}
    more = {merging.AGAIN: "boolean"} if merging.AGAIN in ranked.rows.columns else {}
    staged, metrics = write.staged(observe(ranked, F.col("_rank") > 1, bounds), contract.column_names, more)
    if not target.already_written and metrics["low"] is not None:
        merging.merge(target, staged, {"low": metrics["low"], "high": metrics["high"]})
    commit = target.commit()
    written = commit.rows("numTargetRowsInserted", "numTargetRowsUpdated")
    # A row of which the table already had a newer one is as superfluous as a duplicate within the batch.
    superseded = commit.rows("numSourceRows") - written
    return Counts(metrics["rows_in"], written, metrics["quarantined"], metrics["deduplicated"] + superseded)


def recompute(write: TableWrite) -> None:
    """Computes the days in which an input changed anew, and replaces them in one commit.

    Rows without a day are a day of their own. Where the contract wants one, they are quarantined.
    """
    run, contract, days = write.run, write.contract, write.days
    day = str(contract.lake.recompute_by)
    if days is not None and not days:
        run.count(contract.table, Counts(), write.batch.batch_id)
        return
    target = run.target(contract, write.batch)
    wants_day = day in contract.by_name and not contract.by_name[day].nullable
    replaced_days = days if days is None or not wants_day else [*days, None]
    rows = write.rows if replaced_days is None else write.rows.where(is_of(F.col(day), replaced_days))
    validated = validate_and_quarantine(write.on_contract(rows), contract)
    observed = observe(validated, F.lit(False))
    accepted = files.one_task_per_partition(write.accepted(observed, contract.column_names), contract)

    def write_days(to: Target, frame: DataFrame) -> None:
        if days is not None:
            files.replace_days(to, frame, day, days)
        else:
            write.whole(to, frame)

    counts = write_observed(target, observed, accepted, write_days)
    reconcile(run, write.batch, target, counts, validated)


def replace(write: TableWrite) -> None:
    """Replaces the whole table in one commit: for small tables that follow from their definition alone."""
    run, contract = write.run, write.contract
    target = run.target(contract, write.batch)
    rows = write.with_unknown_member(write.on_contract(write.rows))
    # Below the observation: metrics below an exchange are lost where there are no rows.
    validated = validate_and_quarantine(files.in_few_files(rows), contract)
    observed = observe(validated, F.lit(False))
    accepted = write.accepted(observed, contract.column_names)
    counts = write_observed(target, observed, accepted, write.whole)
    reconcile(run, write.batch, target, counts, validated)


BY_MODE: dict[str, Callable[[TableWrite], None]] = {
    "merge": merge,
    "recompute": recompute,
    "replace": replace,
    "scd2": scd2,
    "snapshot": recompute,
}
