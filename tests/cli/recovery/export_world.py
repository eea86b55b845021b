"""Tables with watermarks in a world of two regions, written and read without Spark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

from cli.recovery.region import Region
from cli.tables.storage import storage_options
from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, delete_prefix, list_keys
from glue_jobs.state.watermark import Watermarks
from lakehouse.environments import Environment, names
from lakehouse.environments.control import table_definition
from lakehouse.environments.names import REPLICATED, Control

SILVER, GOLD = "silver.products", "gold.dim_product"
TABLES = [SILVER, GOLD]
SILVER_KEY, GOLD_KEY = "bronze_to_silver.silver.products", "silver_to_gold.gold.dim_product"


@dataclass(frozen=True)
class ExportWorld:
    """Two tables, one after the other, each with the watermark of the job that writes it."""

    env: Environment

    def begin(self) -> None:
        second = Region.second(self.env).env
        for control in Control:
            clients(second).dynamodb.create_table(**table_definition(second, control))

    def end(self) -> None:
        second = Region.second(self.env).env
        for control in Control:
            clients(second).dynamodb.delete_table(TableName=names.control_table(second, control))
        for zone in REPLICATED:
            for env, bucket in ((self.env, names.bucket), (second, names.replica_bucket)):
                if bucket(env, zone) in [b["Name"] for b in clients(env).s3.list_buckets()["Buckets"]]:
                    delete_prefix(clients(env).s3, S3Uri(bucket(env, zone)))
        marks = clients(self.env).dynamodb
        for state in list(Watermarks(self.env).list()):
            marks.delete_item(
                TableName=names.control_table(self.env, Control.WATERMARKS), Key={"pk": {"S": state.key}}
            )

    def write(self, table: str, batch: int, *values: int) -> None:
        """One batch of a table, by its number, as a job writes it."""
        key = SILVER_KEY if table == SILVER else GOLD_KEY
        rows = pa.table({"product_id": pa.array(values, pa.int64()), "name": [f"p{v}" for v in values]})
        write_deltalake(
            names.table_uri(self.env, table),
            rows,
            mode="append",
            storage_options=storage_options(self.env),
            commit_properties=CommitProperties(app_transactions=[Transaction(key, batch)]),
        )

    def moved(self, table: str, position: Any) -> None:
        """The watermark of a table has followed its input up to a position."""
        mark = Watermarks(self.env).open(SILVER_KEY if table == SILVER else GOLD_KEY)
        mark.plan_batch(position, batch_id="b", run_id="r")
        mark.commit()

    def day(self, number: int) -> None:
        """One day: silver takes a row, and gold follows it."""
        self.write(SILVER, number, number)
        self.moved(SILVER, {"bronze.snowflake_products": {"id": "x", "version": number}})
        self.write(GOLD, number, number)
        self.moved(GOLD, {SILVER: {"id": self.id(SILVER), "version": number - 1}})

    def id(self, table: str) -> str:
        return str(Region.first(self.env).open(table).metadata().id)

    def values(self, table: str, region: Region | None = None) -> list[int]:
        delta: DeltaTable = (region or Region.first(self.env)).open(table)
        return sorted(delta.to_pyarrow_table()["product_id"].to_pylist())

    def keys(self, region: Region, table: str) -> list[str]:
        return list(list_keys(region.s3, region.folder(table)))

    def spoil(self, table: str) -> None:
        """Somebody overwrites a file of the newest version with other bytes, and adds a commit of rubbish."""
        first = Region.first(self.env)
        folder = first.folder(table)
        file = next(k for k in self.keys(first, table) if k.endswith(".parquet"))
        first.s3.put_object(Bucket=folder.bucket, Key=file, Body=b"rubbish")
        newest = first.open(table).version() + 1
        first.s3.put_object(
            Bucket=folder.bucket, Key=f"{folder.key}_delta_log/{newest:020}.json", Body=b"{rubbish"
        )
