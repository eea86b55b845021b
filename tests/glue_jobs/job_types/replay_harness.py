"""Replays of rejected rows of a table of a test, without the project's pipelines."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from cli.quarantine.entries import Selection, entries
from cli.quarantine.exchange import write_csv, write_jsonl
from cli.quarantine.replaying import Request, write_request
from glue_jobs.aws import clients
from glue_jobs.job_types.replay import Replay
from glue_jobs.job_types.transform import Transform
from glue_jobs.run_context import RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.tables import quarantine_ledger as ledger
from glue_jobs.tables.quarantine_ledger import Books
from lakehouse.contracts import Contract
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from tests.glue_jobs.job_types.ingest_harness import IngestHarness, row
from tests.glue_jobs.run_harness import RUN_DATE, job, run_context, schemas


@dataclass
class Replays:
    """Replays of one table; `others` are the contracts of its inputs."""

    env: Environment
    spark: SparkSession
    of: Contract
    others: tuple[Contract, ...] = ()
    transform: Transform | None = None

    def ask(self, file: Path | None = None, of: Contract | None = None, **chosen: str) -> Request | None:
        contract = of or self.of
        writer = job(writes=(contract.table,))
        return write_request(self.env, writer, contract, Selection(**chosen), file)

    def run(self, request: Request | None, of: Contract | None = None) -> RunContext:
        assert request is not None
        contract = of or self.of
        reads = tuple(c.table for c in self.others)
        of_job = job(reads=reads, writes=(contract.table,))
        context = run_context(
            self.env, of_job, schemas(contract, *self.others), self.spark, run_date=RUN_DATE
        )
        Replay(contract.table, request.id, self.transform).execute(context)
        return context

    def counts(self, request: Request | None, of: Contract | None = None) -> Counts:
        return self.run(request, of).counts[self.of.table]

    def books(self) -> Books:
        s3, bucket = clients(self.env).s3, names.bucket(self.env, Zone.QUARANTINE)
        decided = ledger.decisions(s3, bucket, self.of.table)
        return ledger.books((e.line for e in entries(self.env, self.of.table)), decided)

    def reasons(self) -> list[tuple[str, ...]]:
        """The reasons of the open rows, sorted."""
        return sorted(e.reasons for e in entries(self.env, self.of.table) if e.state == ledger.OPEN)


def with_rejected_rows(env: Environment, spark: SparkSession) -> IngestHarness:
    """A table with one sound row, and four in quarantine: two without an id, a broken line, a wrong text."""
    harness = IngestHarness(env, spark)
    harness.drop(row(1), row(None, "a"), row(None, "b"), '{"id": 4, "value":', {**row(5), "value": 7}, row(6))
    harness.drop(*[row(number) for number in range(10, 20)], file="part-1.jsonl")
    assert harness.ingest() == Counts(16, 12, 4, 0)
    return harness


def exported(harness: IngestHarness, file: Path) -> list[dict[str, Any]]:
    write = write_csv if file.suffix == ".csv" else write_jsonl
    write(file, entries(harness.env, harness.bronze.table), harness.bronze)
    if file.suffix == ".csv":
        return list(csv.DictReader(file.open(newline="")))
    return [json.loads(line) for line in file.open()]
