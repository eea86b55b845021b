"""What a backfill will do and cost: where each source stands, what is read again, and the runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import typer

from cli.backfill.record import Backfill
from cli.common import print_rows
from cli.operations.audit_cost import RECENT, PastRuns, usual_run
from cli.watermarks.positions import described
from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_objects
from glue_jobs.state.audit import Audit
from glue_jobs.state.watermark import Watermarks
from lakehouse.contracts import Schemas, SourcedContract
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from lakehouse.pipelines import Job
from lakehouse.pipelines.backfill import BackfillWindow
from lakehouse.pipelines.job_keys import backfill_watermark, ingest_watermark
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.source_binding import sourced

SOURCES = ["job", "table", "source", "stands at", "is read again", "rows, by the audit", "this backfill"]
RUNS = ["job", "runs", "seconds each", "minutes", "USD"]


@dataclass(frozen=True)
class BackfillPlan:
    """A backfill with its jobs, as a person is to see it before agreeing."""

    env: Environment
    backfill: Backfill
    jobs: Sequence[Job]
    schemas: Schemas

    def show(self, *, as_json: bool) -> None:
        """Prints the sources and the runs; as JSON in one line."""
        window, days = self.backfill.window, self.backfill.days
        sources, runs = self.sources(), self.runs()
        if as_json:
            facts = {
                name: [dict(zip(columns, row, strict=True)) for row in rows]
                for name, columns, rows in (("sources", SOURCES, sources), ("runs", RUNS, runs))
            }
            typer.echo(json.dumps({"id": self.backfill.id, **facts}, default=str, ensure_ascii=False))
            return
        print_rows(f"sources of {window.first} to {window.last}", SOURCES, sources, as_json=False)
        print_rows("runs", RUNS, runs, as_json=False, right=RUNS[1:])
        typer.echo(
            "Watermarks stay where they stand: the backfill has its own. Rows that did not change count as "
            "deduplicated where the source has an overlap; else bronze has them twice, and silver once."
        )
        if len(days) > 1:
            typer.echo(
                f"{len(days)} days, one after another, as they would have run. With --at-once each job runs "
                f"once, for {window.last}: cheaper, and right where no table depends on the day of its run."
            )

    def sources(self) -> list[list[object]]:
        """A row for each table that is read from a source again."""
        rows: list[list[object]] = []
        for job in self.jobs:
            for table in job.writes if job.type is JobType.INGEST else ():
                contract = SourcedContract.of(sourced(job, self.schemas.contracts[table]))
                if contract is not None:
                    rows.append(self._source(job, contract))
        return rows

    def _source(self, job: Job, contract: SourcedContract) -> list[object]:
        watermarks, window = Watermarks(self.env), self.backfill.window
        stands = watermarks.read(ingest_watermark(contract))
        progress = watermarks.read(backfill_watermark(contract, window))
        of_window = [
            row
            for row in Audit(self.env).list(job=job.name, limit=RECENT)
            if window.first <= row.run_date <= window.last
        ]
        source = contract.source
        return [
            job.name,
            contract.table,
            f"{source.kind} {source.object}",
            "never read" if stands.position is None else described(stands.position),
            read_again(self.env, contract, window),
            PastRuns.of(of_window, contract.table).rows or None,
            None if progress.position is None else described(progress.position),
        ]

    def runs(self) -> list[list[object]]:
        """A row for each job, and the sum: what its runs usually take, by the audit."""
        rows: list[list[object]] = []
        number = len(self.backfill.days) - self.backfill.done
        for job in self.jobs:
            usual = usual_run(self.env, job.name)
            minutes = None if usual.seconds is None else round(usual.seconds * number / 60, 1)
            usd = None if usual.usd is None else round(usual.usd * number, 2)
            seconds = None if usual.seconds is None else round(usual.seconds, 1)
            rows.append([job.name, number, seconds, minutes, usd])
        sums = [round(sum(float(str(row[n] or 0)) for row in rows), 2) for n in (3, 4)]
        return [*rows, ["all", number * len(self.jobs), None, *sums]]


def read_again(env: Environment, contract: SourcedContract, window: BackfillWindow) -> str:
    """What of a source lies in the window, in words."""
    days = f"{window.first} to {window.last}"
    if contract.source.kind == "landing":
        files, size = _files(env, contract, window)
        return f"{files} files of folders dt={window.first} to dt={window.last}, {size / 1e6:,.1f} MB"
    if contract.source.kind == "kafka":
        return f"messages stamped {days}"
    return f"rows with {contract.lake.watermark_column} {days}"


def _files(env: Environment, contract: SourcedContract, window: BackfillWindow) -> tuple[int, int]:
    """(number, bytes) of the files in the folders of the window."""
    prefix = f"{contract.source.object.rstrip('/')}/"
    number = size = 0
    for item in list_objects(clients(env).s3, S3Uri(names.bucket(env, Zone.LANDING), prefix)):
        _, of_day, rest = item["Key"].partition("dt=")
        if of_day and window.first.isoformat() <= rest[:10] <= window.last.isoformat():
            number, size = number + 1, size + item["Size"]
    return number, size
