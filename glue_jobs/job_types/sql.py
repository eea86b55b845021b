"""Tables from tables, where a query in a SQL file is the function."""

from __future__ import annotations

from dataclasses import dataclass

from glue_jobs.job_types.register import database
from glue_jobs.job_types.transform import Function, Transform
from glue_jobs.run_context import RunContext
from glue_jobs.sql_query import Query, statements_of
from lakehouse.pipelines import Job
from lakehouse.pipelines.sql import GIVEN, Statement


@dataclass(frozen=True)
class Sql(Transform):
    """Builds every table that the job's SQL files make, and sees to the databases that they ask for."""

    statements: tuple[Statement, ...] = ()

    @classmethod
    def of(cls, job: Job) -> Sql:
        return cls(None, tuple(statements_of(job)))

    def execute(self, run: RunContext) -> None:
        for layer in sorted({s.layer for s in self.statements if not s.table}):
            database(run, layer)
        super().execute(run)

    def function(self, table: str) -> Function:
        return Query(self._of(table))

    def asks(self, table: str) -> tuple[str, ...]:
        return tuple(p for p in self._of(table).params if p not in GIVEN)

    def _of(self, table: str) -> Statement:
        return next(s for s in self.statements if s.table == table)
