"""The loan pipelines of one test process: their six jobs, their landing folders and their tables.

An engine that is not Spark reads the tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from cli.tables.storage import storage_options
from glue_jobs.aws import clients
from glue_jobs.run_request import RunRequest
from glue_jobs.runner import run_job
from glue_jobs.state.audit import Counts, RunRow
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from lakehouse.pipelines import Job, load_pipelines
from sample_data.loans import BOOK_PREFIX, CORE_BANKING, csv_line
from sample_data.summary import Summary

# What the world of the loan tests was given: half a year, for a loan needs one to default.
FIRST, LAST, DIRT = date(2017, 1, 1), date(2017, 6, 30), 0.02
SOURCES = ("loan_applications", "loan_book")
MADE = ("bronze.loan_raw", "silver.loans", "silver.loan_states", "gold.loan_kpis")
TABLES = (*MADE, *(f"bronze.{source}" for source in SOURCES))
# The jobs that end, in their order; the sixth is a stream.
BATCH = (
    "ingest_loan_applications",
    "ingest_loan_book",
    "bronze_transform",
    "silver_transform",
    "gold_kpi_aggregation",
)


@dataclass
class LoansWorld:
    env: Environment
    spark: SparkSession

    def job(self, name: str) -> Job:
        return load_pipelines()["loans"].job(name)

    def run(self, run_date: date, *jobs: str, **params: str) -> dict[str, RunRow]:
        """The audit row of each job; all that end when none is named."""
        return {
            name: run_job(self.env, load_schemas(), self.spark, RunRequest(self.job(name), run_date, params))
            for name in jobs or BATCH
        }

    def judge(self, run_date: date) -> dict[str, RunRow]:
        """The audit row of each gate of the loans. Raises GateFailedError for a broken critical rule."""
        gates = [g for g in load_pipelines()["quality"].jobs if not {*g.reads}.isdisjoint(TABLES)]
        return {g.name: run_job(self.env, load_schemas(), self.spark, RunRequest(g, run_date)) for g in gates}

    def table(self, table: str) -> pl.DataFrame:
        delta = DeltaTable(names.table_uri(self.env, table), storage_options=storage_options(self.env))
        frame = pl.from_arrow(delta.to_pyarrow_table())
        assert isinstance(frame, pl.DataFrame)
        return frame

    def drop_book(self, day: date, file: str, *rows: dict[str, Any]) -> None:
        """A file of the loan book in the folder of `day`, rows under our names."""
        lines = [
            csv_line(list(CORE_BANKING.values())),
            *(csv_line([row[name] for name in CORE_BANKING]) for row in rows),
        ]
        key = f"{BOOK_PREFIX}dt={day}/{file}"
        clients(self.env).s3.put_object(
            Bucket=names.bucket(self.env, Zone.LANDING), Key=key, Body=b"\n".join(lines) + b"\n"
        )


def counts(rows: dict[str, RunRow]) -> dict[str, Counts]:
    """Table → what the run counted."""
    return {table: counts for row in rows.values() for table, counts in row.tables.items()}


@dataclass
class HalfYear:
    """`tables`: as the first run of LAST left them; `judged`: what their gates said of them."""

    world: LoansWorld
    loaded: Summary
    first: dict[str, Counts]
    tables: dict[str, pl.DataFrame]
    again: dict[str, Counts]
    said: list[str]
    judged: dict[str, RunRow]


def figures(table: pl.DataFrame, day: date) -> dict[str, dict[str, Any]]:
    return {row["purpose"]: row for row in table.filter(kpi_date=day).iter_rows(named=True)}


def plain(value: Any) -> Any:
    """Timestamps as the naive UTC of the sample."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def stamped(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "updated_at": f"{row['updated_at']:%Y-%m-%dT%H:%M:%SZ}"}
