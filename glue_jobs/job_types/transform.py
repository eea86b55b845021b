"""Tables from tables: reads what changed, calls the job's pure function, writes as the table's contract says."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from graphlib import TopologicalSorter
from types import ModuleType
from typing import Any

from pyspark.sql import DataFrame

from glue_jobs.contract import masked
from glue_jobs.job_types import write_modes
from glue_jobs.job_types.concurrency import side_by_side
from glue_jobs.run_context import Batch, RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.tables import delta_log, read
from glue_jobs.user_code import function_of
from lakehouse.contracts import Contract
from lakehouse.pipelines.function_checks import INJECTED_PARAMETERS, parameter_of, table_of

Function = Callable[..., DataFrame]


@dataclass(frozen=True)
class Transform:
    """One function per table, of the table's name. Its parameters name what it reads: `silver_orders` is silver.orders.

    A parameter `run_date` is given the logical date, `spark` the session, `params` the job's parameters. A column `_reject` in what it returns is the reason why a row
    cannot be part of the table, null for a sound one.
    """

    module: ModuleType | None

    def execute(self, run: RunContext) -> None:
        tables = run.job.writes
        after = {t: [i for i in self.inputs(t) if i in tables and i != t] for t in tables}
        order = TopologicalSorter(after)
        order.prepare()
        while order.is_active():
            ready = order.get_ready()
            side_by_side(lambda table: self._build(run, run.contract(table)), ready)
            order.done(*ready)

    def function(self, table: str) -> Function:
        return function_of(self.module, table)

    def asks(self, table: str) -> tuple[str, ...]:
        """The job's parameters that decide what the table holds, where they are known."""
        del table
        return ()

    def inputs(self, table: str) -> list[str]:
        return [table_of(p) for p in self._parameters(table) if p not in INJECTED_PARAMETERS]

    def _parameters(self, table: str) -> list[str]:
        return list(inspect.signature(self.function(table)).parameters)

    def _build(self, run: RunContext, contract: Contract) -> None:
        inputs = self.inputs(contract.table)
        driving = contract.lake.incremental_from or inputs
        snapshot = contract.lake.write == "snapshot"
        asked = {name: str(run.params[name]) for name in self.asks(contract.table)} if snapshot else {}

        def plan(position: Any) -> Any:
            now: dict[str, Any] = {t: delta_log.version(run.session, run.uri(t)) for t in inputs} or {
                "contract": contract.lake.version
            }
            if asked:
                now["asked"] = asked
            # Reference tables are read at their newest, but only what drives the table makes a batch.
            stale = (
                position is None
                or any(now.get(t) != position.get(t) for t in (*driving, "asked"))
                or (not inputs and now != position)
            )
            return now if stale else position

        # Each day of a table of days has a position of its own: what one day has seen says nothing of another.
        key = f"{run.job.name}.{contract.table}" + (f"@{run.run_date}" if snapshot else "")
        with run.batch(contract.table, key, plan) as batch:
            if batch is None:
                run.count(contract.table, Counts())
            else:
                self._write(run, contract, batch, inputs, driving)

    def _write(
        self, run: RunContext, contract: Contract, batch: Batch, inputs: list[str], driving: list[str]
    ) -> None:
        # A watermark that was put back to nothing means all rows again; into a table that is there, they are merged.
        full = batch.position is None or delta_log.version(run.session, run.uri(contract.table)) < 0
        write = write_modes.BY_KIND[contract.lake.write]
        snapshot = contract.lake.write == "snapshot"
        whole = full or snapshot or not contract.lake.recompute_by
        days = None if whole else _changed_days(run, contract, batch, driving)
        frames: dict[str, Any] = {}
        for table in inputs:
            by_row = table in driving and contract.lake.write in ("merge", "scd2")
            of_days = (
                (_day_column(run, contract, table), days) if days is not None and table in driving else None
            )
            frame = _frame(run, table, batch, new_only=by_row and not full, of_days=of_days)
            # A deletion is news to a table that follows its input row by row, and an absence to one that is computed from it.
            keep = by_row or not table.startswith("silver.")
            frames[parameter_of(table)] = frame if keep else read.without_deleted(frame, run.contract(table))
        given = {"run_date": run.run_date, "spark": run.session, "params": run.params}
        frames |= {p: given[p] for p in self._parameters(contract.table) if p in INJECTED_PARAMETERS}
        write(
            run,
            contract,
            batch,
            self.function(contract.table)(**frames),
            [run.run_date] if snapshot else days,
        )


def _frame(
    run: RunContext, table: str, batch: Batch, *, new_only: bool, of_days: tuple[str, list[date]] | None
) -> DataFrame:
    """One input: only its new rows, only some days, or all of it; masked when it comes from bronze."""
    contract, uri, until = run.contract(table), run.uri(table), batch.until[table]
    since = batch.position[table] if new_only else None
    if since is not None and since < until:
        rows = read.new_rows(run.session, uri, since, until)
    else:
        rows = read.pinned(run.session, uri, table, until)
        # One of several inputs has moved, and this one has not: nothing of it is new.
        rows = rows.limit(0) if since is not None else rows
    if of_days is not None:
        rows = rows.where(rows[of_days[0]].isin(of_days[1]))
    return (
        masked(run.session, rows, contract, run.secret_of("pii_key")["key"])
        if contract.layer == "bronze" and _has_pii(contract)
        else rows
    )


def _has_pii(contract: Contract) -> bool:
    return any(c.lake.mask for c in contract.columns)


def _changed_days(run: RunContext, contract: Contract, batch: Batch, driving: list[str]) -> list[date]:
    found: set[date] = set()
    for table in driving:
        since, until = batch.position[table], batch.until[table]
        if until > since:
            found |= set(
                read.changed_days(
                    run.session, run.uri(table), _day_column(run, contract, table), since, until
                )
            )
    return sorted(found)


def _day_column(run: RunContext, contract: Contract, table: str) -> str:
    """The column of an input whose days are those of the table: of the same name, or what the input is partitioned by."""
    source, day = run.contract(table), str(contract.lake.recompute_by)
    return day if day in source.by_name else source.lake.partition_by[0]
