"""Finds what a table must derive again, because a table that it looks up has changed since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from operator import and_

from pyspark.sql import DataFrame

from glue_jobs.run_context import Batch, RunContext
from glue_jobs.tables import dependents, read
from glue_jobs.tables.day import Day
from glue_jobs.tables.table_position import version_of, version_read
from lakehouse.contracts import Contract
from lakehouse.contracts.document import Dependency


def late_days(run: RunContext, contract: Contract, batch: Batch, day_columns: Mapping[str, str]) -> set[Day]:
    """The days of rows that look up something else now than in the batch before.

    `day_columns`: input of `incremental_from` → its column of days. Days are few, so they may be collected.
    """
    days: set[Day] = set()
    for dependency in contract.lake.depends_on:
        with _changes(run, contract, batch, dependency) as changes:
            conditions = dependents.bounds(changes, dependency) if changes is not None else []
            if changes is None or not conditions:
                continue
            for table, day in day_columns.items():
                rows = _newest(run, batch, table)
                rows = rows.where(reduce(and_, conditions))
                late = dependents.dependents(rows, changes, dependency, [day]).collect()
                days |= {row[0] for row in late}
    return days


def late_rows(run: RunContext, contract: Contract, batch: Batch, table: str) -> DataFrame | None:
    """The rows of `table` from before this batch whose key looks up something else now; None for no rows.

    All rows of such a key, so that the newest of them is the newest of all. The keys are in files: several
    reads follow.
    """
    since, until = version_read(batch.position.get(table), batch.until[table]), batch.until[table]
    keys = None if since is None else _late_keys(run, contract, batch, table)
    if since is None or keys is None:
        return None
    names = list(contract.primary_key)
    rows = _newest(run, batch, table).join(keys, names, "left_semi")
    if since < version_of(until):
        new = read.new_rows(run.session, run.uri(table), since, version_of(until)).select(*rows.columns)
        rows = rows.exceptAll(new.join(keys, names, "left_semi"))
    return rows


def _newest(run: RunContext, batch: Batch, table: str) -> DataFrame:
    return read.pinned(run.session, run.uri(table), table, version_of(batch.until[table]))


def _late_keys(run: RunContext, contract: Contract, batch: Batch, table: str) -> DataFrame | None:
    names: Sequence[str] = contract.primary_key
    frames: list[DataFrame] = []
    for number, dependency in enumerate(contract.lake.depends_on):
        with _changes(run, contract, batch, dependency) as changes:
            conditions = dependents.bounds(changes, dependency) if changes is not None else []
            if changes is None or not conditions:
                continue
            rows = _newest(run, batch, table)
            rows = rows.where(reduce(and_, conditions))
            keys = dependents.dependents(rows, changes, dependency, names)
            folder = f"{run.staging_uri()}/{contract.table}.late.{number}"
            keys.write.mode("overwrite").parquet(folder)
            written = run.session.read.schema(keys.schema).parquet(folder)
            if not written.isEmpty():
                frames.append(written)
    return reduce(DataFrame.unionByName, frames).distinct() if frames else None


@contextmanager
def _changes(
    run: RunContext, contract: Contract, batch: Batch, dependency: Dependency
) -> Iterator[DataFrame | None]:
    """What a lookup sees changed, kept for several reads; None where its table is the same."""
    table = dependency.table
    since = version_read(batch.position.get(table), batch.until[table])
    until = version_of(batch.until[table])
    if since == until:
        yield None
        return
    changes = dependents.reference_changes(
        run.session,
        run.uri(table),
        run.contract(table),
        dependency,
        contract.looked_up(table),
        -1 if since is None else since,
        until,
    ).persist()
    try:
        yield changes
    finally:
        changes.unpersist()
