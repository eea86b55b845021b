"""Runs jobs wave after wave in one Spark session, those of a wave side by side."""

from __future__ import annotations

import contextvars
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live

from cli.progress import is_quiet
from cli.run.outcome import Outcome, log_file, screen, within
from cli.run.request import JobsRequest
from glue_jobs.error_text import public_text
from glue_jobs.observability import logs
from glue_jobs.observability.lineage import Parent
from glue_jobs.run_request import RunRequest
from glue_jobs.runner import run_job
from glue_jobs.session import spark_session
from lakehouse.contracts import Schemas
from lakehouse.environments import Environment
from lakehouse.pipelines import Job, Pipeline
from lakehouse.pipelines.full_refresh import forced

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def run_jobs(
    env: Environment, jobs: list[Job], schemas: Schemas, request: JobsRequest, *, quiet: bool
) -> list[Outcome]:
    """Runs the jobs, wave after wave. A job that waits for a failed one is skipped.

    Logs go to a file while the screen shows progress.
    """
    outcomes = {j.name: Outcome(j.name) for j in jobs}
    console = Console(stderr=True, quiet=quiet or is_quiet())
    with log_file(env).open("a") as stream:
        logs.configure(env, stream=stream)
        with Live(console=console, get_renderable=lambda: screen(outcomes), refresh_per_second=4) as live:
            parent = Parent(jobs[0].pipeline, str(uuid.uuid4()))
            with Path(stream.name).with_suffix(".spark.log").open("a") as of_spark:
                spark = spark_session(env, of_spark)
            runner = _Runner(env, schemas, spark, request, parent, outcomes)
            for wave in Pipeline(jobs[0].pipeline, tuple(within(jobs))).levels():
                runner.run_wave(wave)
            live.refresh()
        # The display leaves its last line open; what comes next begins on one of its own.
        console.print()
    return list(outcomes.values())


@dataclass(frozen=True)
class _Runner:
    """Runs single jobs and waves of them, and notes in `outcomes` how each ends."""

    env: Environment
    schemas: Schemas
    spark: SparkSession
    request: JobsRequest
    parent: Parent
    outcomes: dict[str, Outcome]

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
            self.request.run_date,
            self.request.params,
            parent=self.parent,
            progress=outcome.tables.append,
            full_refresh=self.request.full_refresh,
            window=self.request.window,
            replay=self.request.replay,
            rewind=self.request.rewind,
            force=forced(job, self.request.force),
        )
        try:
            row = run_job(self.env, self.schemas, self.spark, request)
        except Exception as error:
            outcome.status, outcome.error = "failed", public_text(error) or type(error).__name__
            return
        outcome.counts, outcome.seconds, outcome.cost = dict(row.tables), row.seconds, row.cost_estimate_usd
        outcome.warnings, outcome.unchanged = list(row.warnings), dict(row.unchanged)
        outcome.status = "done"
