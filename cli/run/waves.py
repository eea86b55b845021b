"""Runs jobs wave after wave in one Spark session, those of a wave side by side."""

from __future__ import annotations

import contextvars
import os
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.table import Table

from glue_jobs.error_text import public_text
from glue_jobs.observability import logs
from glue_jobs.observability.lineage import Parent
from glue_jobs.run_request import RunRequest
from glue_jobs.runner import run_job
from glue_jobs.session import spark_session
from glue_jobs.state.audit import Counts
from lakehouse.contracts import Schemas
from lakehouse.environments import Environment
from lakehouse.pipelines import Job, Pipeline
from lakehouse.project import Project

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MARKS = {"waiting": "·", "running": "…", "done": "✓", "failed": "✗", "skipped": "–"}


@dataclass
class Outcome:
    """State of one job of the run. `cost` is what Glue would take for it, in US dollars."""

    job: str
    status: str = "waiting"
    counts: dict[str, Counts] = field(default_factory=dict)
    seconds: float = 0.0
    cost: float = 0.0
    error: str = ""
    warnings: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)

    @property
    def succeeded(self) -> bool:
        return self.status == "done"

    def totals(self) -> list[int]:
        return [
            sum(getattr(c, n) for c in self.counts.values())
            for n in ("rows_in", "written", "quarantined", "deduplicated")
        ]


def run_jobs(
    env: Environment,
    jobs: list[Job],
    schemas: Schemas,
    run_date: date,
    *,
    quiet: bool,
    full_refresh: bool = False,
) -> list[Outcome]:
    """Runs the jobs, wave after wave. A job that waits for a failed one is skipped.

    Logs go to a file while the screen shows progress.
    """
    outcomes = {j.name: Outcome(j.name) for j in jobs}
    console = Console(stderr=True, quiet=quiet)
    with _log_file(env).open("a") as stream:
        logs.configure(env, stream=stream)
        with Live(console=console, get_renderable=lambda: _screen(outcomes), refresh_per_second=4) as live:
            parent = Parent(jobs[0].pipeline, str(uuid.uuid4()))
            runner = _Runner(env, schemas, spark_session(env), run_date, parent, outcomes, full_refresh)
            for wave in Pipeline(jobs[0].pipeline, tuple(_within(jobs))).levels():
                runner.run_wave(wave)
            live.refresh()
        # The display leaves its last line open; what comes next begins on one of its own.
        console.print()
    return list(outcomes.values())


def _within(jobs: list[Job]) -> list[Job]:
    """The jobs with only those dependencies that are run here; the others are taken to have run."""
    names = {j.name for j in jobs}
    return [replace(j, depends_on=tuple(d for d in j.depends_on if d in names)) for j in jobs]


@dataclass(frozen=True)
class _Runner:
    """Runs single jobs and waves of them, and notes in `outcomes` how each ends."""

    env: Environment
    schemas: Schemas
    spark: SparkSession
    run_date: date
    parent: Parent
    outcomes: dict[str, Outcome]
    full_refresh: bool = False

    def run_wave(self, wave: Sequence[Job]) -> None:
        """Side by side, each in a copy of this thread's context.

        Raises what stops a job without failing it.
        """
        ready = [j for j in wave if all(self.outcomes[d].status == "done" for d in j.depends_on)]
        for job in wave:
            if job not in ready:
                self.outcomes[job.name].status = "skipped"
        with ThreadPoolExecutor(max_workers=max(1, len(ready))) as pool:
            runs = [pool.submit(contextvars.copy_context().run, self._run, job) for job in ready]
        for run in runs:
            # What ends a process is no failure of a job, so it ends the command.
            run.result()

    def _run(self, job: Job) -> None:
        outcome = self.outcomes[job.name]
        outcome.status = "running"
        # Appending is atomic, and the screen only reads.
        request = RunRequest(
            job,
            self.run_date,
            parent=self.parent,
            progress=outcome.tables.append,
            full_refresh=self.full_refresh,
        )
        try:
            row = run_job(self.env, self.schemas, self.spark, request)
        except Exception as error:
            outcome.status, outcome.error = "failed", public_text(error) or type(error).__name__
            return
        outcome.counts, outcome.seconds, outcome.cost = dict(row.tables), row.seconds, row.cost_estimate_usd
        outcome.warnings = list(row.warnings)
        outcome.status = "done"


def _screen(outcomes: dict[str, Outcome]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1))
    for o in outcomes.values():
        tables = ", ".join(t.split(".")[1] for t in o.tables)
        table.add_row(MARKS[o.status], o.job, o.status, f"{o.seconds:.1f} s" if o.seconds else "", tables)
    return table


def _log_file(env: Environment) -> Path:
    folder = Path(os.environ.get("LAKEHOUSE_LOGS") or Project.find().local / "logs")
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"run-{env.name}-{datetime.now(UTC):%Y%m%dT%H%M%S}.jsonl"
