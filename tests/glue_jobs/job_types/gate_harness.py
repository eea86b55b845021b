"""A gate of two tables of its own, and what it leaves behind."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pyspark.sql import SparkSession

from glue_jobs.aws import clients
from glue_jobs.run_context import RunContext
from glue_jobs.state.watermark import Watermarks
from lakehouse.contracts import Contract, Suite
from lakehouse.environments import Environment, names
from lakehouse.pipelines.job_type import JobType
from tests.glue_jobs import delta_rs
from tests.glue_jobs.builders import contract
from tests.glue_jobs.quality.helpers import rule
from tests.glue_jobs.run_harness import RUN_DATE, job, run_context, schemas

DDL = "id bigint, value string, changed_at timestamp"


@dataclass
class GateHarness:
    """A gate of two tables of its own."""

    env: Environment
    spark: SparkSession
    name: str = field(default_factory=lambda: f"gate_{uuid.uuid4().hex[:8]}")

    @property
    def tables(self) -> list[Contract]:
        return [contract(f"silver.{self.name}_{which}") for which in ("a", "b")]

    def fill(self, of: Contract, *rows: tuple[Any, ...]) -> None:
        delta_rs.append(self.env, of, DDL, *rows)

    def context(self, *severities: str, run_date: date = RUN_DATE) -> RunContext:
        """A run that allows no null in `value`, with one severity per table."""
        suites = {
            c.table: Suite(
                table=c.table,
                expectations=[rule("expect_column_values_to_not_be_null", severity, column="value")],
            )
            for c, severity in zip(self.tables, severities, strict=True)
        }
        of = job(self.name, reads=tuple(c.table for c in self.tables), type=JobType.GATE)
        known = schemas(*self.tables, suites=suites)
        return run_context(self.env, of, known, self.spark, run_date=run_date)

    def stored(self) -> list[tuple[str, str, bool]]:
        """(run id, table, success) of every stored result."""
        uri = f"{names.dq_results_root(self.env)}/silver/results"
        rows = delta_rs.rows(self.env, uri, "job", "run_id", "table_name", "success")
        return sorted(row[1:] for row in rows if row[0] == self.name)

    def documents(self, run: RunContext) -> list[bool]:
        bucket, _, root = names.dq_results_root(self.env).removeprefix("s3://").partition("/")
        s3 = clients(self.env).s3
        keys = [
            item["Key"]
            for c in self.tables
            for item in s3.list_objects_v2(Bucket=bucket, Prefix=f"{root}/{c.table.replace('.', '/')}/")[
                "Contents"
            ]
        ]
        return [
            json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())["success"]
            for key in keys
            if run.run_id in key
        ]

    def passed(self, of: Contract) -> bool:
        return Watermarks(self.env).read(f"{self.name}.{of.table}").position is not None
