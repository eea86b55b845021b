"""Builds tables from tables by the queries of SQL files."""

from __future__ import annotations

from dataclasses import dataclass

from glue_jobs.errors import RunError
from glue_jobs.job_types.register import ensure_database
from glue_jobs.job_types.transform import TableFunction, Transform
from glue_jobs.run_context import RunContext
from glue_jobs.sql_query import Query, statements_of
from lakehouse.pipelines import Job
from lakehouse.pipelines.sql import Statement


@dataclass(frozen=True)
class Sql(Transform):
    """Builds every table that the job's SQL files create, and creates the databases that they name."""

    statements: tuple[Statement, ...] = ()

    @classmethod
    def of(cls, job: Job) -> Sql:
        return cls(None, tuple(statements_of(job)))

    def execute(self, run: RunContext) -> None:
        for layer in sorted({s.layer for s in self.statements if not s.table}):
            ensure_database(run, layer)
        super().execute(run)

    def function(self, table: str) -> TableFunction:
        query = next((Query(s) for s in self.statements if s.table == table), None)
        if query is None:
            raise RunError(f"the job's SQL files have no query for {table}", code="RUN214")
        return query
