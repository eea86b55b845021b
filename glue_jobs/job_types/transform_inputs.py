"""Reads the inputs of a transform: only the new rows, only the changed days, or all of a table."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame

from glue_jobs.job_types.late_lookups import late_days, late_rows
from glue_jobs.run_context import Batch, RunContext
from glue_jobs.tables import delta_log, read
from glue_jobs.tables.day import Day, in_order, is_of
from glue_jobs.tables.table_position import version_of, version_read
from lakehouse.contracts import Contract
from lakehouse.contracts.masking import masks_on_read
from lakehouse.pipelines.table_parameters import parameter_of


@dataclass(frozen=True)
class Inputs:
    """The rows that a function is given, by its parameters.

    `days` are the days to write; None is the whole table. `again` are the same parameters with rows from
    before this batch, which look up something else now; None where there are none.
    """

    frames: dict[str, DataFrame]
    days: list[Day] | None = None
    again: dict[str, DataFrame] | None = None


def inputs_of(
    run: RunContext, contract: Contract, batch: Batch, inputs: list[str], driving: list[str]
) -> Inputs:
    """What a function is given in this batch."""
    # A watermark that was reset to nothing means all rows again; they are merged into a table that exists.
    full = (
        batch.position is None
        or batch.makes_anew
        or delta_log.version(run.session, run.uri(contract.table)) < 0
    )
    snapshot = contract.lake.write == "snapshot"
    whole = full or snapshot or not contract.lake.recompute_by or _some_anew(batch, contract, driving)
    days = None if whole else _changed_days(run, contract, batch, driving)
    rows_by_parameter: dict[str, DataFrame] = {}
    again: dict[str, DataFrame] = {}
    for table in inputs:
        if table == contract.table:
            rows_by_parameter[parameter_of(table)] = _itself(run, contract, batch)
            continue
        by_row = table in driving and contract.lake.write in ("merge", "scd2")
        rows = _rows(run, table, batch, new_only=by_row and not full)
        if days is not None and table in driving:
            rows = rows.where(is_of(rows[_day_column(run, contract, table)], days))
        masks = masks_on_read(run.contract(table))
        if by_row and not full and contract.lake.depends_on:
            late = late_rows(run, contract, batch, table)
            if late is not None:
                again[parameter_of(table)] = run.masked(late, masks)
        rows = run.masked(rows, masks)
        # A deletion is news to a table that follows its input row by row, and an absence to a computed table.
        if not by_row and table.startswith("silver."):
            rows = read.without_deleted(rows, run.contract(table))
        rows_by_parameter[parameter_of(table)] = rows
    return Inputs(
        rows_by_parameter,
        [run.run_date] if snapshot else days,
        {**rows_by_parameter, **again} if again else None,
    )


def earlier_frames(
    run: RunContext, batch: Batch, inputs: list[str], driving: list[str]
) -> dict[str, DataFrame]:
    """(parameter name → rows): driving inputs as the batch before found them, the others as this one does."""
    rows_by_parameter: dict[str, DataFrame] = {}
    for table in inputs:
        since = version_read(batch.position.get(table), batch.until[table]) if table in driving else None
        version = version_of(batch.until[table]) if since is None else since
        rows = read.pinned(run.session, run.uri(table), table, version)
        rows_by_parameter[parameter_of(table)] = run.masked(rows, masks_on_read(run.contract(table)))
    return rows_by_parameter


def _itself(run: RunContext, contract: Contract, batch: Batch) -> DataFrame:
    """The table that the query writes, as it was before the batch: without rows where it did not exist."""
    at = version_of(batch.until[contract.table])
    if at < 0 or batch.makes_anew:
        return run.session.createDataFrame([], contract.ddl)
    return read.pinned(run.session, run.uri(contract.table), contract.table, at)


def _rows(run: RunContext, table: str, batch: Batch, *, new_only: bool) -> DataFrame:
    uri, until = run.uri(table), version_of(batch.until[table])
    since = version_read(batch.position.get(table), batch.until[table]) if new_only else None
    if since is not None and since < until:
        return read.new_rows(run.session, uri, since, until)
    rows = read.pinned(run.session, uri, table, until)
    # One of several inputs has moved, and this one has not: nothing of it is new.
    return rows.limit(0) if since is not None else rows


def _changed_days(run: RunContext, contract: Contract, batch: Batch, driving: list[str]) -> list[Day]:
    days: set[Day] = set()
    for table in driving:
        since, until = version_read(batch.position[table], batch.until[table]), version_of(batch.until[table])
        if since is not None and until > since:
            column = _day_column(run, contract, table)
            days |= set(read.changed_days(run.session, run.uri(table), column, since, until))
    days |= late_days(run, contract, batch, {t: _day_column(run, contract, t) for t in driving})
    return in_order(days)


def _some_anew(batch: Batch, contract: Contract, driving: list[str]) -> bool:
    """Whether a table that drives it or is looked up was made anew, or is an input only now."""
    decisive = (*driving, *(d.table for d in contract.lake.depends_on))
    return any(version_read(batch.position.get(t), batch.until[t]) is None for t in decisive)


def _day_column(run: RunContext, contract: Contract, table: str) -> str:
    """The column of an input that holds the table's days: of the same name, or the partition column."""
    source, day = run.contract(table), str(contract.lake.recompute_by)
    return day if day in source.by_name else source.lake.partition_by[0]
