"""Tables from tables, where a query in a SQL file is the function."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from inspect import Parameter, Signature
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from glue_jobs.job_types.register import database
from glue_jobs.job_types.transform import Function, Transform
from glue_jobs.run_context import RunContext
from lakehouse.pipelines import Job
from lakehouse.pipelines.sql import GIVEN, Statement, statements
from lakehouse.project import project_root


def statements_of(job: Job) -> list[Statement]:
    """What the SQL files of a job say, in the order of its procs."""
    files = [proc.file for proc in job.procs if proc.file.endswith(".sql")]
    return [s for file in files for s in statements((project_root() / file).read_text(encoding="utf-8"))]


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


class Query:
    """A statement as a function whose parameters are the tables that it reads."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        names = [*(t.replace(".", "_", 1) for t in statement.reads), "spark", "run_date", "params"]
        self.__signature__ = Signature([Parameter(name, Parameter.KEYWORD_ONLY) for name in names])

    def __call__(
        self, *, spark: SparkSession, run_date: date, params: Mapping[str, Any], **frames: DataFrame
    ) -> DataFrame:
        """Each table is a view for as long as the query is read; what it asks for by `:name` Spark binds, typed, and never as text."""
        own = uuid.uuid4().hex
        values = {**params, GIVEN[0]: run_date}
        for name, frame in frames.items():
            frame.createOrReplaceTempView(f"{name}_{own}")
        try:
            # Under the names that the query knows; its own WITH stays its own.
            known = ", ".join(f"`{name}` AS (SELECT * FROM `{name}_{own}`)" for name in frames)
            query = f"WITH {known} SELECT * FROM ({self.statement.query})" if known else self.statement.query
            return spark.sql(query, args={name: values[name] for name in self.statement.params})
        finally:
            for name in frames:
                spark.catalog.dropTempView(f"{name}_{own}")
