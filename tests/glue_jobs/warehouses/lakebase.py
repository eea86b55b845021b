"""A table of the Lakebase for one test."""

from __future__ import annotations

from typing import Any

import psycopg
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.observability.secrets import Secrets
from glue_jobs.warehouses.postgres import LakebaseWriter
from lakehouse.contracts import Contract
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract
from tests.glue_jobs.sources.systems import unique

EVENTS: dict[str, Any] = {
    "id": {"type": "integer"},
    "value": {"type": ["string", "null"]},
    "seq": {"type": ["integer", "null"]},
    "is_deleted": {"type": ["boolean", "null"]},
}
DDL = "id bigint, value string, seq bigint, is_deleted boolean"
Event = tuple[int, str | None, int | None, bool | None]


class Lakebase:
    """`found` and `run` look at the real table by psycopg alone."""

    def __init__(self, env: Environment, spark: SparkSession) -> None:
        self.env, self.spark = env, spark
        self.name, self.stream = unique("events"), unique("stream")
        self.secret = Secrets(env).get("postgres")
        self.writer = self.writer_with()
        self.contract = self.of(EVENTS)

    def writer_with(self, **other: str) -> LakebaseWriter:
        return LakebaseWriter({**self.secret, **other})

    def of(self, columns: dict[str, Any], name: str | None = None, **lake: Any) -> Contract:
        rules = {
            "store": "postgres",
            "sequence": "seq",
            "delete_flag": "is_deleted",
            "primary_key": ["id"],
            **lake,
        }
        return contract(f"gold.{name or self.name}", columns, **rules)

    def rows(self, *events: Event) -> DataFrame:
        """Made in the JVM: no Python worker has to start for them."""
        if not events:
            return self.spark.createDataFrame([], DDL)
        names = DDL.replace(",", "").split()[::2]
        row = [
            F.struct(*[F.lit(value).alias(name) for name, value in zip(names, event, strict=True)])
            for event in events
        ]
        typed = [F.from_json(F.to_json(one), DDL) for one in row]
        return self.spark.range(1).select(F.inline(F.array(*typed)))

    def write(
        self, batch: int, *events: Event, stream: str | None = None, writer: LakebaseWriter | None = None
    ) -> int | None:
        return (writer or self.writer).upsert(
            self.contract, self.rows(*events), stream=stream or self.stream, batch=batch
        )

    def run(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """`{t}` stands for the table."""
        with psycopg.connect(**self.secret, options="-c timezone=UTC") as connection:
            cursor = connection.execute(sql.replace("{t}", f"gold_db.{self.name}"), values or None)
            return list(cursor.fetchall()) if cursor.description else []

    def count(self) -> int:
        return int(self.run("SELECT count(*) FROM {t}")[0][0])

    def stored(self) -> list[tuple[Any, ...]]:
        return self.run("SELECT id, value, seq, is_deleted FROM {t} ORDER BY id")

    def recorded(self) -> list[tuple[Any, ...]]:
        return self.run(
            "SELECT stream, batch, rows FROM gold_db._batches WHERE table_name = %s ORDER BY stream, batch",
            self.name,
        )

    def left_behind(self) -> list[str]:
        """Staging tables of any stream."""
        return [
            name
            for (name,) in self.run(
                "SELECT tablename FROM pg_tables "
                "WHERE schemaname = 'gold_db' AND starts_with(tablename, '_staging')"
            )
        ]
