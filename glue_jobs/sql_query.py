"""Runs a statement of a job's SQL files as a function of the tables that it reads."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from inspect import Parameter, Signature
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from glue_jobs.tables.query_guard import check_analyzed, check_clock, check_parsed
from lakehouse.pipelines import Job
from lakehouse.pipelines.sql import GIVEN, Statement, statements, word
from lakehouse.project import project_root


def statements_of(job: Job) -> list[Statement]:
    """The statements of a job's SQL files, in the order of its procs."""
    files = [proc.file for proc in job.procs if proc.file.endswith(".sql")]
    return [s for file in files for s in statements((project_root() / file).read_text(encoding="utf-8"))]


class Query:
    """A statement as a function whose parameters are the tables that it reads."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        names = [*(t.replace(".", "_", 1) for t in statement.reads), "spark", "run_date", "params"]
        self.__signature__ = Signature([Parameter(name, Parameter.KEYWORD_ONLY) for name in names])

    @property
    def snapshot_parameters(self) -> tuple[str, ...]:
        """The job's parameters that the query asks for: their values decide what it returns."""
        return tuple(name for name in self.statement.params if name not in GIVEN)

    def text(self, suffix: str) -> str:
        """The query as Spark gets it; its tables are the views `<parameter>_<suffix>`.

        The query finds its tables under the names that it uses, and its own WITH stays its own.
        """
        return (
            f"{self._head(suffix)}{self.statement.query})" if self.statement.reads else self.statement.query
        )

    def offset(self, suffix: str) -> int:
        """Where the statement's own query begins in `text`."""
        return len(self._head(suffix)) if self.statement.reads else 0

    def _head(self, suffix: str) -> str:
        names = [table.replace(".", "_", 1) for table in self.statement.reads]
        views = ", ".join(f"`{word(name)}` AS (SELECT * FROM `{name}_{suffix}`)" for name in names)
        return f"WITH {views} SELECT * FROM ("

    def __call__(
        self, *, spark: SparkSession, run_date: date, params: Mapping[str, Any], **frames: DataFrame
    ) -> DataFrame:
        """The rows of the query, which follow neither the clock nor the session."""
        rows = self.analyzed(spark=spark, run_date=run_date, params=params, **frames)
        check_clock(rows)
        return rows

    def analyzed(
        self, *, spark: SparkSession, run_date: date, params: Mapping[str, Any], **frames: DataFrame
    ) -> DataFrame:
        """The rows of the query, which read its tables alone.

        Each table is a view while Spark parses it; Spark binds `:name` as a typed value.
        """
        suffix = uuid.uuid4().hex
        values = {**params, GIVEN[0]: run_date}
        for name, frame in frames.items():
            frame.createOrReplaceTempView(f"{name}_{suffix}")
        try:
            query = self.text(suffix)
            check_parsed(spark, query, [f"{name}_{suffix}" for name in frames])
            rows = spark.sql(query, args={name: values[name] for name in self.statement.params})
            check_analyzed(rows, list(frames.values()))
            return rows
        finally:
            for name in frames:
                spark.catalog.dropTempView(f"{name}_{suffix}")
