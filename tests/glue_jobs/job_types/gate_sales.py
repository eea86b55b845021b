"""Sales of many days and their customers, a suite of theirs, and the files that judging them reads."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

from pyspark.sql import SparkSession

from glue_jobs.job_types.gate_judge import judge_table
from glue_jobs.quality.result import Result
from glue_jobs.run_context import RunContext
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables.target import append
from lakehouse.contracts import Contract, Schemas, Suite
from lakehouse.environments import Environment, names
from lakehouse.pipelines.job_type import JobType
from tests.glue_jobs import delta_rs
from tests.glue_jobs.builders import contract, local_frame, target
from tests.glue_jobs.quality.helpers import rule
from tests.glue_jobs.run_harness import RUN_DATE, job, run_context, schemas

DDL = "id bigint, day date, amount bigint, customer bigint"
COLUMNS: dict[str, Any] = {
    "id": {"type": "integer"},
    "day": {"type": "string", "format": "date"},
    "amount": {"type": ["integer", "null"]},
    "customer": {"type": "integer"},
}
FIRST = date(2017, 1, 1)
_FILES = "number of files read"
T = TypeVar("T")


@dataclass
class Sales:
    """One sale a day, a file each; `by_day`: the days are partitions; `rules`: how many the suite has."""

    env: Environment
    spark: SparkSession
    days: int
    by_day: bool = True
    rules: int = 6
    name: str = field(default_factory=lambda: f"sales_{uuid.uuid4().hex[:8]}")
    batches: int = 0

    def __post_init__(self) -> None:
        rows = [(n, FIRST + timedelta(days=n), n, n % 3) for n in range(self.days)]
        self.add(self.sales, *rows)
        ddl = "id bigint, value string, changed_at timestamp"
        delta_rs.append(self.env, self.customers, ddl, *[(n, "", None) for n in range(3)])

    @property
    def sales(self) -> Contract:
        days = {"recompute_by": "day", "partition_by": ["day"]} if self.by_day else {}
        write = "recompute" if self.by_day else "merge"
        return contract(f"silver.{self.name}", COLUMNS, write=write, sequence=None, **days)

    @property
    def customers(self) -> Contract:
        return contract(f"silver.{self.name}_customers")

    @property
    def schemas(self) -> Schemas:
        other = self.customers.table
        rules = [
            rule("expect_column_values_to_not_be_null", column="amount"),
            rule("expect_column_values_to_be_unique", column="id"),
            rule("expect_column_values_to_exist_in_table", column="customer", table=other, table_column="id"),
            rule("expect_column_max_to_be_between", column="amount", max_value=1000),
            rule("expect_column_values_to_be_between", column="amount", min_value=0, mostly=0.9),
            rule("expect_table_row_count_to_be_between", min_value=1),
        ]
        suite = Suite(table=self.sales.table, expectations=rules[: self.rules])
        return schemas(self.sales, self.customers, suites={self.sales.table: suite})

    def uri(self, of: Contract) -> str:
        return names.table_uri(self.env, of.table)

    def add(self, of: Contract, *rows: tuple[Any, ...]) -> None:
        """Appends rows; without days as partitions, one file for each row of a larger number."""
        self.batches += 1
        if self.by_day:
            delta_rs.append(self.env, of, DDL, *rows)
            return
        into = target(self.spark, self.env, of, self.batches, uri=self.uri(of))
        append(into, local_frame(self.spark, DDL, *rows).repartitionByRange(len(rows), "id"))

    def change(self, of: Contract, sets: str, where: str) -> None:
        """Updates rows; those of a table without days by Spark, whose change feed the gate reads."""
        column, _, value = sets.partition(" = ")
        if self.by_day:
            delta_rs.table(self.env, self.uri(of)).update(updates={column: value}, predicate=where)
        else:
            self.spark.sql(f"UPDATE delta.`{self.uri(of)}` SET {sets} WHERE {where}")

    def delete(self, of: Contract, where: str) -> None:
        self.spark.sql(f"DELETE FROM delta.`{self.uri(of)}` WHERE {where}")

    def vacuum(self) -> None:
        table = delta_rs.table(self.env, self.uri(self.sales))
        table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)

    def versions(self) -> dict[str, int]:
        return {
            c.table: delta_rs.table(self.env, self.uri(c)).version() for c in (self.sales, self.customers)
        }

    def stored(self, run: RunContext) -> list[str | None]:
        """The part of each result that a run stored; None for the whole table."""
        root = f"{names.dq_results_root(self.env)}/silver/results"
        return [
            part for run_id, part in delta_rs.rows(self.env, root, "run_id", "part") if run_id == run.run_id
        ]

    def judge(self, since: dict[str, int] | None) -> list[Result]:
        return judge_table(
            self.spark,
            self.env,
            self.schemas,
            self.sales.table,
            RUN_DATE,
            versions=self.versions(),
            since=since,
        )

    def context(self, run_date: date = RUN_DATE, **params: Any) -> RunContext:
        of = job(f"gate_{self.name}", reads=(self.sales.table,), type=JobType.GATE)
        return run_context(self.env, of, self.schemas, self.spark, run_date=run_date, params=params)

    def passed(self) -> dict[str, Any]:
        """What the gate remembers of the sales."""
        state = Watermarks(self.env).read(f"gate_{self.name}.{self.sales.table}").position
        assert isinstance(state, dict)
        return state

    def files_read(self, act: Callable[[], T]) -> tuple[int, T]:
        """The files that Spark read meanwhile, by the metrics of its scans."""
        before = max((execution.executionId() for execution in self._executions()), default=-1)
        result = act()
        return self._scanned(before), result

    def _executions(self) -> list[Any]:
        """The queries of the process that Spark remembers, at most the newest thousand."""
        session: Any = self.spark._jsparkSession
        session.sparkContext().listenerBus().waitUntilEmpty(60_000)
        return _items(session.sharedState().statusStore().executionsList())

    def _scanned(self, after: int) -> int:
        """The files that the executions after this one read."""
        session: Any = self.spark._jsparkSession
        store, total = session.sharedState().statusStore(), 0
        for execution in self._executions():
            if execution.executionId() > after:
                ids = {m.accumulatorId() for m in _items(execution.metrics()) if m.name() == _FILES}
                values = _items(store.executionMetrics(execution.executionId()).toSeq())
                total += sum(int(str(v._2()).replace(",", "")) for v in values if v._1() in ids)
        return total


def _items(sequence: Any) -> list[Any]:
    """The items of a Scala sequence."""
    return [sequence.apply(i) for i in range(sequence.size())]
