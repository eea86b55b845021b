"""Tables of sales that are published to one warehouse."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pyspark.sql import DataFrame, SparkSession

from glue_jobs.aws import clients
from glue_jobs.observability.secrets import Secrets
from glue_jobs.s3 import S3Uri, list_keys
from glue_jobs.warehouses.registry import warehouse_for
from glue_jobs.warehouses.warehouse import Warehouse
from lakehouse.contracts import Contract
from lakehouse.environments import Environment, names
from tests.glue_jobs.builders import contract, local_frame
from tests.glue_jobs.sources.systems import WarehouseTable, unique

RUN = "7b0c3f0e-3c1f-4b39-9b43-1f3a0a5d9c11"
SALES: dict[str, Any] = {
    "id": {"type": "integer"},
    "line": {"type": "integer", "x-lake": {"type": "int"}},
    "day": {"type": "string", "format": "date"},
    "sold_at": {"type": ["string", "null"], "format": "date-time"},
    "amount": {"type": ["number", "null"], "x-lake": {"type": "decimal(18,4)"}},
    "name": {"type": ["string", "null"], "maxLength": 400},
    "is_new": {"type": ["boolean", "null"]},
    "share": {"type": ["number", "null"]},
}
DDL = (
    "id bigint, line int, day date, sold_at timestamp, amount decimal(18,4), "
    "name string, is_new boolean, share double"
)


class Published:
    """A published table of one test."""

    def __init__(
        self,
        env: Environment,
        spark: SparkSession,
        kind: Literal["redshift", "snowflake"],
        sales: dict[str, Any] = SALES,
    ) -> None:
        self.kind, self.spark, self.env = kind, spark, env
        self.name = unique("sales")
        self.staging = names.staging_uri(env, "publish", unique("r"))
        self.warehouse: Warehouse = warehouse_for(kind, env, Secrets(env), clients(env), self.staging)
        self.table = WarehouseTable(env, kind)
        self.table.name = (
            f"ANALYTICS.GOLD.{self.name.upper()}" if kind == "snowflake" else f"gold.{self.name}"
        )
        self.contract = self.of(sales)

    def of(self, sales: dict[str, Any]) -> Contract:
        return contract(
            f"gold.{self.name}",
            sales,
            write="recompute",
            primary_key=["id", "line"],
            sequence=None,
            recompute_by="day",
        )

    def rows(self, *values: tuple[int, int, str, str]) -> DataFrame:
        """(id, line, day, name) each; the rest is the same for all."""
        rows = local_frame(self.spark, "id bigint, line int, day string, name string", *values)
        return rows.selectExpr(
            "id",
            "line",
            "date(day) day",
            "timestamp(concat(day, ' 12:34:56.789012')) sold_at",
            "1234.5678BD amount",
            "name",
            "true is_new",
            "0.1D share",
        )

    def publish(
        self, rows: DataFrame, mode: Any = "merge", days: list[date] | None = None, run_id: str = RUN
    ) -> int:
        return self.warehouse.publish(self.contract, rows, mode=mode, days=days, run_id=run_id)

    def stored(self, columns: str = "id, line, name") -> list[tuple[Any, ...]]:
        return self.table.run(f"SELECT {columns} FROM {{t}} ORDER BY id, line")

    def count(self) -> int:
        return int(self.table.run("SELECT COUNT(*) FROM {t}")[0][0])

    def left_behind(self) -> list[str]:
        """Staging tables in the warehouse, and staged files."""
        tables = self.table.run(
            "SELECT table_name FROM "
            + ("ANALYTICS." if self.kind == "snowflake" else "")
            + "information_schema.tables"
        )
        files = list_keys(clients(self.env).s3, S3Uri.parse(self.staging))
        staging = [
            str(name)
            for (name,) in tables
            if "STAGING" in str(name).upper() and self.name.upper() in str(name).upper()
        ]
        return [*staging, *files]
