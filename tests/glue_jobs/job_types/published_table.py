"""A table that a gate judges and a publish job sends to a warehouse."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from pyspark.sql import SparkSession

from glue_jobs.job_types.publish import Publish
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables.merge import merge
from glue_jobs.tables.target import replace_days
from lakehouse.contracts import Contract, Schemas, Suite
from lakehouse.environments import Environment, names
from lakehouse.pipelines.job_type import JobType
from tests.glue_jobs import delta_rs
from tests.glue_jobs.builders import contract, local_frame, target
from tests.glue_jobs.quality.helpers import rule
from tests.glue_jobs.run_harness import job, run_context, schemas
from tests.glue_jobs.sources.systems import WarehouseTable

THINGS = "id bigint, value string, changed_at timestamp"


DAYS = "id bigint, day date, value string"


DAY_COLUMNS: dict[str, Any] = {
    "id": {"type": "integer"},
    "day": {"type": "string", "format": "date"},
    "value": {"type": ["string", "null"]},
}


@dataclass
class Published:
    """A table of gold, a gate that has passed some of its versions, and a warehouse."""

    env: Environment
    spark: SparkSession
    kind: Literal["redshift", "snowflake"]
    days: bool = False
    name: str = field(default_factory=lambda: f"p{uuid.uuid4().hex[:8]}")
    batches: int = 0

    @property
    def contract(self) -> Contract:
        if not self.days:
            return contract(f"gold.{self.name}")
        return contract(
            f"gold.{self.name}",
            DAY_COLUMNS,
            write="recompute",
            sequence=None,
            recompute_by="day",
            partition_by=["day"],
        )

    @property
    def schemas(self) -> Schemas:
        table = self.contract.table
        rules = [rule("expect_column_values_to_not_be_null", column="id")]
        return schemas(self.contract, suites={table: Suite(table=table, expectations=rules)})

    @property
    def uri(self) -> str:
        return names.table_uri(self.env, self.contract.table)

    @property
    def gate(self) -> str:
        return f"gate_{self.name}"

    def pass_gate(self, version: int) -> None:
        state = {"versions": {self.contract.table: version}}
        Watermarks(self.env).reset(f"{self.gate}.{self.contract.table}", state)

    def write(self, *rows: tuple[Any, ...], days: list[date] | None = None) -> None:
        self.batches += 1
        if self.batches == 1:
            delta_rs.append(self.env, self.contract, DAYS if self.days else THINGS, *rows)
            return
        into = target(self.spark, self.env, self.contract, self.batches, uri=self.uri)
        written = local_frame(into.spark, DAYS if self.days else THINGS, *rows)
        if days:
            replace_days(into, written, "day", days)
        else:
            merge(into, written, {})

    def publish(self, *, force: bool = False) -> int:
        """Publishes; returns the number of rows that were sent."""
        table = self.contract.table
        of = job(
            f"publish_{self.name}",
            reads=(table,),
            type=JobType.PUBLISH,
            warehouse=self.kind,
            gates=((table, self.gate),),
        )
        forced = frozenset([table] if force else [])
        run = run_context(self.env, of, self.schemas, self.spark, force=forced)
        Publish(self.kind).execute(run)
        return run.counts[table].written

    def in_warehouse(self, sql: str = "SELECT id, value FROM {t} ORDER BY id") -> list[tuple[Any, ...]]:
        table = WarehouseTable(self.env, self.kind)
        schema = "ANALYTICS.GOLD" if self.kind == "snowflake" else "gold"
        table.name = f"{schema}.{self.name}" if self.kind == "redshift" else f"{schema}.{self.name.upper()}"
        return [tuple(row) for row in table.run(sql)]


def at(minute: int) -> datetime:
    return datetime(2017, 1, 31, 10, minute)
