"""The source systems of the tests' world, as the tests fill them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from pyspark.sql import DataFrame, Row, SparkSession

from glue_jobs.aws import clients
from glue_jobs.connections.redshift import redshift
from glue_jobs.connections.snowflake import snowflake
from glue_jobs.observability.secrets import Secrets
from glue_jobs.sources.registry import source_for
from glue_jobs.sources.source import Extract, Source, require_source
from glue_jobs.warehouses.warehouse import WarehouseError
from lakehouse.contracts import SourcedContract
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from tests.glue_jobs.builders import contract

PEOPLE = {
    "id": {"type": "integer"},
    "name": {"type": ["string", "null"]},
    "amount": {"type": ["number", "null"], "x-lake": {"type": "decimal(18,2)"}},
    "note": {"type": ["string", "null"]},
    "updated_at": {"type": "string", "format": "date-time"},
}
COLUMNS = "id BIGINT, name VARCHAR(65535), amount NUMERIC(18,2), note VARCHAR(65535), updated_at TIMESTAMP"
# Everything that SQL, CSV, JSON, a shell or a template could take for more than text.
AWKWARD = 'O\'Brien; DROP TABLE x;-- "q" `b` \\ %s {0} ${y} , \t é 東京 \U0001f600 /* */ $$'


def unique(prefix: str = "t") -> str:
    return f"{prefix}_{uuid.uuid4().hex[:10]}"


def source_contract(
    kind: str, name: str, form: str = "rows", properties: dict[str, Any] | None = None, **source: Any
) -> SourcedContract:
    facts = {"kind": kind, "object": name, "format": form, "system": kind, **source}
    people = contract(
        "bronze.people",
        properties or PEOPLE,
        write="append",
        sequence="updated_at",
        watermark_column="updated_at",
        source=facts,
    )
    return require_source(people)


def source_of(spark: SparkSession, env: Environment, of: SourcedContract) -> Source:
    return source_for(
        of, env, spark, Secrets(env), clients(env), names.staging_uri(env, "test", uuid.uuid4().hex)
    )


def whole(source: Source, run_date: date = date(2017, 1, 31)) -> Extract:
    return source.read(None, source.plan(None, run_date))


def rows_of(rows: DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Sorted, nulls first."""
    collected: list[Row] = rows.select(*columns).collect()
    return sorted((tuple(row) for row in collected), key=lambda row: [(v is not None, str(v)) for v in row])


class Landing:
    """A landing prefix of one test."""

    def __init__(self, env: Environment) -> None:
        self.prefix = unique("landing")
        self._s3 = clients(env).s3
        self._bucket = names.bucket(env, Zone.LANDING)

    def put(self, name: str, body: bytes | str) -> None:
        self._s3.put_object(
            Bucket=self._bucket,
            Key=f"{self.prefix}/{name}",
            Body=body.encode() if isinstance(body, str) else body,
        )


class WarehouseTable:
    """A table of one test, in the real client's words; `kind` is snowflake or redshift."""

    def __init__(self, env: Environment, kind: str) -> None:
        self.env, self.kind = env, kind
        self.table = unique("people")
        self.name = f"RETAIL.PUBLIC.{self.table.upper()}" if kind == "snowflake" else f"public.{self.table}"

    def run(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """`{t}` stands for the table."""
        with self._cursor() as cursor:
            cursor.execute(sql.replace("{t}", self.name), values or None)
            return list(cursor.fetchall()) if cursor.description else []

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        secrets = Secrets(self.env)
        if self.kind == "snowflake":
            with (
                snowflake(self.env, secrets, error=WarehouseError, code="RUN401") as connection,
                connection.cursor() as cursor,
            ):
                yield cursor
        else:
            with redshift(self.env, secrets, error=WarehouseError, code="RUN401") as connection:
                yield connection.cursor()


def table_contract(table: WarehouseTable) -> SourcedContract:
    """The contract of a table of people, with an overlap of an hour."""
    split = {"partition_column": "id"} if table.kind == "redshift" else {}
    return source_contract(table.kind, table.name, overlap_minutes=60, **split)


def fill(table: WarehouseTable, *updated: str | None, columns: str = COLUMNS) -> None:
    """One row per moment, with ids from 1."""
    table.run(f"CREATE TABLE {{t}} ({columns})")
    add(table, *updated)


def add(table: WarehouseTable, *updated: str | None, start: int = 1) -> None:
    for number, moment in enumerate(updated, start):
        table.run("INSERT INTO {t} (id, name, updated_at) VALUES (%s, 'n', %s)", number, moment)
