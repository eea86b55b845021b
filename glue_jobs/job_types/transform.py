"""Builds tables from tables: reads what changed, calls the team's function, writes as the contract says."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from graphlib import TopologicalSorter
from types import ModuleType

from pyspark.sql import DataFrame

from glue_jobs.errors import RunError
from glue_jobs.job_types import transform_inputs, write_modes
from glue_jobs.job_types.batches import run_batches
from glue_jobs.job_types.contract_columns import follow_contract
from glue_jobs.job_types.form import form_of
from glue_jobs.job_types.retries import run_tables
from glue_jobs.job_types.table_write import TableWrite
from glue_jobs.job_types.transform_plan import TransformPlan
from glue_jobs.run_context import Batch, RunContext
from glue_jobs.sql_query import Query
from glue_jobs.state.watermark import Watermarks
from glue_jobs.user_code import function_of
from lakehouse.contracts import Contract
from lakehouse.pipelines.table_parameters import INJECTED_PARAMETERS, parameter_of
from lakehouse.reading.faults import nearest

TableFunction = Callable[..., DataFrame]


@dataclass(frozen=True)
class Transform:
    """One function per table, of the table's name.

    Its parameters name what it reads: `silver_orders` is silver.orders.

    The parameters `run_date`, `spark` and `params` get the logical date, the session and the job's
    parameters. A column `_reject` in the result holds the reason why a row cannot be part of the table, null
    for a valid one.
    """

    module: ModuleType | None

    def execute(self, run: RunContext) -> None:
        self.build(run, run.job.writes)

    def build(self, run: RunContext, tables: Sequence[str]) -> None:
        """Builds some of the job's tables, each after those of them that it reads."""
        order = TopologicalSorter(
            {t: [i for i in self.inputs(run, t) if i in tables and i != t] for t in tables}
        )
        order.prepare()
        while order.is_active():
            ready = order.get_ready()
            run_tables(run, lambda table: self._build(run, run.contract(table)), ready)
            order.done(*ready)

    def function(self, table: str) -> TableFunction:
        """The function that makes a table. Raises RunError (RUN214) when the module has none."""
        return function_of(self.module, table)

    def inputs(self, run: RunContext, table: str) -> list[str]:
        """The tables that a function reads.

        Raises RunError (RUN214) for a parameter that names no table of the job.
        """
        tables = {parameter_of(t): t for t in (*run.job.reads, *run.job.writes)}
        names = [p for p in self._parameters(table) if p not in INJECTED_PARAMETERS]
        unknown = next((p for p in names if p not in tables), None)
        if unknown is not None:
            near = nearest(unknown, tables)
            raise RunError(
                f"{table}: its function has a parameter '{unknown}', which is no table that "
                f"job {run.job.name} reads or writes{f'; did you mean {near!r}?' if near else ''}",
                code="RUN214",
            )
        return [tables[p] for p in names]

    def _parameters(self, table: str) -> list[str]:
        return list(inspect.signature(self.function(table)).parameters)

    def _build(self, run: RunContext, contract: Contract) -> None:
        inputs = self.inputs(run, contract.table)
        # What a query has written itself is nothing new to it.
        driving = [t for t in contract.lake.incremental_from or inputs if t != contract.table]
        requested = self._snapshot_parameters(run, contract)
        made_by = form_of(self.function(contract.table), contract)
        plan = TransformPlan(run, contract, inputs, driving, made_by, requested)

        plan.warn_of_history()

        def work(batch: Batch) -> None:
            self._write(run, contract, batch, inputs, driving)

        if not run_batches(run, contract.table, plan.key, plan.until, work, plan.is_void):
            run.count_unchanged(contract.table, plan.key)
            follow_contract(run, contract, plan.key)
        plan.warn_of_other_forms(Watermarks(run.env).read(plan.key).position)

    def _snapshot_parameters(self, run: RunContext, contract: Contract) -> dict[str, str]:
        """The job's parameters that decide what a table of days holds: other values make another batch."""
        if contract.lake.write != "snapshot":
            return {}
        function = self.function(contract.table)
        names = function.snapshot_parameters if isinstance(function, Query) else ()
        return {name: str(run.params[name]) for name in names}

    def _write(
        self, run: RunContext, contract: Contract, batch: Batch, inputs: list[str], driving: list[str]
    ) -> None:
        given = transform_inputs.inputs_of(run, contract, batch, inputs, driving)
        rows = self.call(run, contract.table, batch.run_date, given.frames)
        again = self.call(run, contract.table, batch.run_date, given.again) if given.again else None
        write = TableWrite(run, contract, batch, rows, given.days, again=again)
        if contract.lake.write == "scd2" and batch.position is not None:
            earlier = transform_inputs.earlier_frames(run, batch, inputs, driving)
            write = replace(write, earlier=self.call(run, contract.table, batch.run_date, earlier))
        write_modes.BY_MODE[contract.lake.write](write)

    def call(self, run: RunContext, table: str, day: date, frames: dict[str, DataFrame]) -> DataFrame:
        """What the table's function makes of `frames` for the logical date `day`."""
        injected = {"run_date": day, "spark": run.session, "params": run.params}
        arguments = {p: injected[p] for p in self._parameters(table) if p in INJECTED_PARAMETERS}
        return self.function(table)(**frames, **arguments)
