"""The pipeline that histories run through: files, bronze, silver, a dimension with versions, a fact."""

from __future__ import annotations

import logging
import types
import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from cli.tables.storage import storage_options
from glue_jobs.aws import clients
from glue_jobs.job_types.ingest import Ingest
from glue_jobs.job_types.transform import Transform
from glue_jobs.observability.secrets import Secrets
from glue_jobs.run_context import RunContext
from lakehouse.contracts import Schemas
from lakehouse.environments import Environment, names
from lakehouse.pipelines.model import Job
from tests.glue_jobs.run_harness import job
from tests.histories.changes import Histories, Row, as_files
from tests.histories.contracts import COLUMNS, contracts, table_name

RUN_DATE = date(2017, 1, 31)
FILES = 3


def dim_customers(bronze_customers: DataFrame) -> DataFrame:
    """Every state that arrived; the table makes versions of them."""
    return bronze_customers.withColumn("valid_since", F.col("updated_at"))


def fact_sales(silver_sales: DataFrame, gold_dim_customers: DataFrame, silver_rates: DataFrame) -> DataFrame:
    """A sale with the version of its customer that was valid then, and the last rate known for its day."""
    versions = gold_dim_customers.select(
        "customer_sk", F.col("customer_id").alias("_customer"), "valid_from", "valid_to"
    )
    valid = (F.col("sold_at") >= F.col("valid_from")) & (F.col("sold_at") < F.col("valid_to"))
    rates = silver_rates.select(F.col("currency").alias("_currency"), "rate_date", "rate")
    joined = silver_sales.join(versions, (F.col("customer_id") == F.col("_customer")) & valid, "left")
    rated = joined.join(
        rates, (F.col("currency") == F.col("_currency")) & (F.col("rate_date") <= F.col("sold_on")), "left"
    )
    sale = [c for c in rated.columns if c not in ("_customer", "_currency", "rate_date", "rate")]
    newest = F.max(F.struct("rate_date", "rate")).alias("newest")
    return rated.groupBy(*sale).agg(newest).withColumn("rate", F.col("newest.rate"))


@dataclass
class HistoryTables:
    """Tables of their own in a platform that others use too; every name has the prefix of this object."""

    env: Environment
    spark: SparkSession
    name: str = field(default_factory=lambda: f"h_{uuid.uuid4().hex[:8]}")

    def load(self, histories: Histories) -> None:
        """Lets each batch arrive, and runs the pipeline after each."""
        for number, batch in enumerate(histories.batches):
            for table, rows in batch.items():
                self.drop(table, rows, number)
            self.run()

    def drop(self, table: str, rows: list[Row], number: int) -> None:
        bucket = names.bucket(self.env, names.Zone.LANDING)
        for part, body in enumerate(as_files(rows, FILES)):
            key = f"{self.name}_{table}/dt=2017-01-31/{number}-{part}.jsonl"
            clients(self.env).s3.put_object(Bucket=bucket, Key=key, Body=body)

    def run(self) -> dict[str, int]:
        """Runs ingest, silver and gold. Returns the rows that each table took."""
        written: dict[str, int] = {}
        for of in (self._ingest(), self._silver(), self._gold()):
            run = self._context(of[0])
            of[1].execute(run)
            written |= {table: counts.written for table, counts in run.counts.items()}
        return written

    def table(self, layer: str, name: str) -> pa.Table:
        """A table as delta-rs reads it."""
        uri = names.table_uri(self.env, table_name(self.name, layer, name))
        return DeltaTable(uri, storage_options=storage_options(self.env)).to_pyarrow_table()

    def version(self, layer: str, name: str) -> int:
        uri = names.table_uri(self.env, table_name(self.name, layer, name))
        return DeltaTable(uri, storage_options=storage_options(self.env)).version()

    def _ingest(self) -> tuple[Job, Ingest]:
        return job(
            f"{self.name}_in", writes=tuple(table_name(self.name, "bronze", t) for t in COLUMNS)
        ), Ingest()

    def _silver(self) -> tuple[Job, Transform]:
        tables = tuple(table_name(self.name, "silver", t) for t in COLUMNS)
        of = job(
            f"{self.name}_silver",
            reads=tuple(table_name(self.name, "bronze", t) for t in COLUMNS),
            writes=tables,
        )
        return of, self._transform({t: (lambda rows: rows, [f"bronze_{t}"]) for t in COLUMNS})

    def _gold(self) -> tuple[Job, Transform]:
        reads = ("bronze.customers", "silver.sales", "silver.rates")
        writes = ("gold.dim_customers", "gold.fact_sales")
        of = job(
            f"{self.name}_gold",
            reads=tuple(table_name(self.name, *t.split(".")) for t in reads),
            writes=tuple(table_name(self.name, *t.split(".")) for t in writes),
        )
        functions = {
            "dim_customers": (dim_customers, ["bronze_customers"]),
            "fact_sales": (fact_sales, ["silver_sales", "gold_dim_customers", "silver_rates"]),
        }
        return of, self._transform(functions)

    def _transform(self, functions: dict[str, Any]) -> Transform:
        """A module as a team writes it: a function per table, whose parameters are the tables it reads."""
        module = types.ModuleType("histories")
        for name, (function, parameters) in functions.items():
            named = [p.replace("_", f"_{self.name}_", 1) for p in parameters]
            source = f"def {self.name}_{name}(*, {', '.join(named)}): return _{name}({', '.join(named)})"
            exec(source, module.__dict__ | {f"_{name}": function}, module.__dict__)
            module.__dict__[f"{self.name}_{name}"].__globals__[f"_{name}"] = function
        return Transform(module)

    def _context(self, of: Job) -> RunContext:
        return RunContext(
            self.env,
            of,
            Schemas({c.table: c for c in contracts(self.name)}, {}),
            RUN_DATE,
            str(uuid.uuid4()),
            "trace",
            self.spark,
            {},
            Secrets(self.env),
            clients(self.env),
            logging.getLogger("histories"),
        )
